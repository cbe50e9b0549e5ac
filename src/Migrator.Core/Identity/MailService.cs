namespace Migrator.Core.Identity;

/// <summary>What a mailbox is opened for. Providers give rights for each of them separately.</summary>
public enum MailService
{
    Imap,
    Pop3,
    Submission,
}
