namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>What a fetch does about a message that is listed and cannot be read.</summary>
public enum UnreadableMessage
{
    /// <summary>It fails alone.</summary>
    Fails,

    /// <summary>The server sends nothing of it and says nothing: it is skipped.</summary>
    PassedOver,

    /// <summary>The server closes the connection over it.</summary>
    EndsSession,
}
