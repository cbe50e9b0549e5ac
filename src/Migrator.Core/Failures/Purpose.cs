namespace Migrator.Core.Failures;

/// <summary>What was being done when something failed. What a person can do about it depends on that: a message that cannot be read may be
/// one of a server, of a file or of an archive.</summary>
public enum Purpose
{
    /// <summary>From a server to another.</summary>
    Copy,

    /// <summary>From a POP3 server, to another server or into an archive.</summary>
    Pop3,

    /// <summary>From a server into an archive.</summary>
    Backup,

    /// <summary>From an archive to a server.</summary>
    Restore,

    /// <summary>From files, to a server or into an archive.</summary>
    Import,

    /// <summary>From an archive into files.</summary>
    Export,

    /// <summary>Reading two of them to compare.</summary>
    Verify,

    /// <summary>Looking into an archive, or after it.</summary>
    Archive,
}
