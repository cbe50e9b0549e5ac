namespace Migrator.Core.Mail;

/// <summary>When a message arrived, taken from its own header, for a source that keeps no INTERNALDATE (POP3).</summary>
public readonly record struct ReceivedDate(DateTimeOffset Date, ReceivedDateSource From)
{
    /// <summary>The source lists no size for it, or another one, as for its other messages: that all of it came is not proved.</summary>
    public bool SizeUnproved { get; init; }
}
