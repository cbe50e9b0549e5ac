namespace Migrator.Core.Mail;

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
