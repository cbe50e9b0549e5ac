namespace Migrator.Core.Mail;

/// <summary>When a message arrived, taken from its own header, for a source that keeps no INTERNALDATE (POP3).</summary>
public readonly record struct ReceivedDate(DateTimeOffset Date, ReceivedDateSource From)
{
    /// <summary>The source lists no size for it, or another one, as for its other messages: that all of it came is not proved.</summary>
    public bool SizeUnproved { get; init; }
}

/// <summary>Where an arrival date was taken from, the most trustworthy first.</summary>
public enum ReceivedDateSource
{
    /// <summary>The topmost Received header: what the last server wrote (RFC 5321, section 4.4).</summary>
    Received,

    /// <summary>The Date header: what the sender wrote.</summary>
    Date,

    /// <summary>Neither could be read: the moment of download.</summary>
    Now,
}
