using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <param name="Exists">The target has the folder already.</param>
public sealed record FolderMapping(MailFolder Source, FolderPath Target, bool Exists)
{
    /// <summary>What the target folder is for, where it is created. Below <see cref="FolderRules.Into"/> nothing is for a use: the target
    /// would have a second folder for sent mail, and programs would choose either.</summary>
    public SpecialUse Use { get; init; } = Source.Use;
}
