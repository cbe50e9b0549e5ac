namespace Migrator.Mail.Imap;

/// <summary>What earlier sessions with a server found that it does wrong, so that the next one does without.</summary>
internal sealed class KnownFaults
{
    /// <summary>Its answers to STATUS cannot be read, and end the session.</summary>
    public bool StatusUnreadable { get; set; }
}
