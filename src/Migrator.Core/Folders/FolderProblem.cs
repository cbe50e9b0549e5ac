using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <param name="Folder">The source folder that cannot be placed.</param>
/// <param name="Message">Why, and what to do.</param>
public sealed record FolderProblem(MailFolder Folder, string Message);
