using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <param name="Uid">Null where a page, and with it the messages of a folder, is meant.</param>
/// <param name="Snapshot">The newest snapshot that holds it.</param>
/// <param name="Snapshots">How many snapshots hold it.</param>
public sealed record AffectedMessage(string Mailbox, FolderPath Folder, Uid? Uid, string Snapshot, int Snapshots);
