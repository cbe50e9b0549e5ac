namespace Migrator.Core.Jobs;

public enum MailProtocol
{
    Imap,

    /// <summary>RFC 1939: one folder, no flags, no dates; a source only.</summary>
    Pop3,

    /// <summary>RFC 5321: takes notifications; neither source nor target.</summary>
    Smtp,
}
