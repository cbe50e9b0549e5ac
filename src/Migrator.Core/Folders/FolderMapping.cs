using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <param name="Exists">The target has the folder already.</param>
public sealed record FolderMapping(MailFolder Source, FolderPath Target, bool Exists);
