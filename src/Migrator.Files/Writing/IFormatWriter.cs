using Migrator.Core.Mail;

namespace Migrator.Files.Writing;

/// <summary>Writes mailboxes in one format.</summary>
internal interface IFormatWriter
{
    /// <summary>Begins a folder; one at a time.</summary>
    /// <param name="uidValidity">Makes names unique, where the format wants that.</param>
    IFormatFolder Begin(FolderPath path, UidValidity uidValidity);

    /// <summary>What the format keeps about the mailbox as a whole.</summary>
    void End(IReadOnlyList<FolderPath> subscribed);
}
