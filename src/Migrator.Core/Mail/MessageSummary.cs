namespace Migrator.Core.Mail;

/// <param name="Uid">Unique in its folder as long as UIDVALIDITY stays the same.</param>
/// <param name="Size">RFC822.SIZE, in bytes. Some servers estimate it: it is a hint for planning, never a proof.</param>
/// <param name="Flags">System flags and keywords.</param>
/// <param name="InternalDate">When the server received it (RFC 9051, section 2.3.3), to the second.</param>
public sealed record MessageSummary(Uid Uid, long Size, FlagSet Flags, DateTimeOffset InternalDate)
{
    /// <summary>Where <see cref="InternalDate"/> was taken from; null where the server gave it.</summary>
    public ReceivedDateSource? Origin { get; init; }

    /// <summary>The same as text.</summary>
    public string DateOrigin =>
        Origin switch
        {
            ReceivedDateSource.Received => "from the topmost Received header",
            ReceivedDateSource.Date => "from the Date header",
            ReceivedDateSource.Now => "the time of this run, because its header has no date either",
            null => "as far as it can be read",
            _ => throw new InvalidOperationException($"There is no origin {Origin}."),
        };

    /// <summary>What the server gave for a date, where that is none or leaves something open, such as the time zone; null where it is a
    /// date.</summary>
    public string? OddDate { get; init; }

    /// <summary>What the server gave as flags and no server could be sent, in its words; <c>nothing</c> where it gave none; null where all
    /// is well.</summary>
    public string? OddFlags { get; init; }
}
