using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Exports;

/// <summary>Writes one mailbox to where an <see cref="Export"/> puts it.</summary>
/// <remarks>
/// Promises: whatever cannot be written is a <see cref="StorageException"/> with <see cref="Reason.ExportTarget"/>, here and in the folders
/// alike, so that a source which calls the writer does not take it for a lost connection. What was written says of itself that it is not
/// complete until <see cref="Complete"/> returns. Disposed before that, it stays so.
/// </remarks>
public interface IMailboxWriter : IDisposable
{
    /// <summary>Begins a folder. One is open at a time.</summary>
    /// <param name="uidValidity">What the UIDs of its messages count under.</param>
    IFolderWriter Begin(MailFolder folder, UidValidity uidValidity);

    /// <summary>Takes a folder of which there are no messages: it cannot hold any, or the source does not open it.</summary>
    void AddEmpty(MailFolder folder);

    /// <summary>Every folder was written. Once it returns, all of it is durable.</summary>
    void Complete();
}
