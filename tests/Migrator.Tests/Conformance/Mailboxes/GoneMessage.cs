namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>What a fetch does about a message that was listed and is gone.</summary>
public enum GoneMessage
{
    /// <summary>Nothing: the others come.</summary>
    PassedOver,

    /// <summary>It may come all the same, until the folder is opened again: a server keeps what it has not said to be gone (RFC 9051,
    /// section 7.5.1).</summary>
    PassedOverLater,

    /// <summary>It fails alone, because the source cannot tell whether it is gone or cannot be read; the others come.</summary>
    Unreadable,

    /// <summary>It comes all the same: the session reads the mailbox as it was.</summary>
    Kept,
}
