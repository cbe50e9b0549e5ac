using Migrator.Core.Mail;

namespace Migrator.Core.Reports;

/// <summary>What a run did with the messages that it "delivered".</summary>
public enum Operation
{
    /// <summary>Appended to a mailbox.</summary>
    Copy,

    /// <summary>Stored in an archive.</summary>
    Backup,

    /// <summary>Written to files.</summary>
    Export,

    /// <summary>Read from an archive to prove that it can be restored; the "folders" are mailboxes.</summary>
    Upkeep,
}
