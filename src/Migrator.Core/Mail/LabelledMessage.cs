namespace Migrator.Core.Mail;

/// <summary>A message of a mailbox whose folders are labels.</summary>
/// <param name="Id">The same in every folder that shows the message.</param>
/// <param name="Folders">Those that its labels name, except for the open one; the server need not list them.</param>
public sealed record LabelledMessage(Uid Uid, ulong Id, IReadOnlyList<FolderPath> Folders);
