namespace Migrator.Core.Mail;

/// <summary>The name of a header field.</summary>
/// <param name="IsOdd">The field is not written as RFC 5322 has it: of two programs, one may see another field in it, or the end of the
/// header.</param>
public sealed record HeaderName(string Text, bool IsOdd)
{
    /// <summary>What mail has once, and a server may add where it lacks: nobody reads another message for it.</summary>
    private static readonly HashSet<string> s_supplied = new(StringComparer.OrdinalIgnoreCase) { "Message-ID", "Date", "MIME-Version" };

    /// <summary>Who wrote what to whom, and how the text is to be read (Content-*).</summary>
    private static readonly HashSet<string> s_said = new(StringComparer.OrdinalIgnoreCase)
    {
        "From",
        "Sender",
        "Reply-To",
        "To",
        "Cc",
        "Bcc",
        "Subject",
        "In-Reply-To",
        "References",
    };

    /// <summary>Those that all messages have, or that decide: known by their names however many others there are.</summary>
    internal static IEnumerable<string> Known => [.. s_supplied, .. s_said, "Received"];

    /// <summary>At most one of it may be added, and only where there is none.</summary>
    public bool IsSupplied => s_supplied.Contains(Text);

    /// <summary>Whatever has one more of it is another message.</summary>
    public bool IsSaid => IsOdd || s_said.Contains(Text) || Text.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);
}
