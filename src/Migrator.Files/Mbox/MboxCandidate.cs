namespace Migrator.Files.Mbox;

/// <summary>A line that begins with <c>From </c>, and what speaks for its being a separator.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where the message before ends if this is one: before the blank line in front of it, where there is one.</param>
/// <param name="EndWithoutLineEnd">The same, before the end of the last line of that message.</param>
/// <param name="Line">Counted from 1.</param>
internal sealed record MboxCandidate(long Start, long End, long EndWithoutLineEnd, long Line, SeparatorKind Kind, bool AfterBlankLine)
{
    public AfterSeparator Then { get; set; }

    /// <summary>Fields that mail has, in the lines that follow.</summary>
    public int KnownFields { get; set; }

    /// <summary>The header goes over into text without a blank line.</summary>
    public bool Broken { get; set; }

    /// <summary>No mail, but what Pine and UW-IMAP keep about the folder.</summary>
    public bool OfFolder { get; set; }

    /// <summary>Only Thunderbird writes this one, and does so first.</summary>
    public bool OfMozilla { get; set; }

    /// <summary>Where the body begins; -1 where no header ends.</summary>
    public long Body { get; set; } = -1;

    /// <summary>As the header has it; -1 where it does not.</summary>
    public long ContentLength { get; set; } = -1;

    /// <summary>X-Gmail-Labels, unfolded.</summary>
    public string? Labels { get; set; }

    /// <summary>The line itself, of Takeout's.</summary>
    public string? GmailId { get; set; }
}
