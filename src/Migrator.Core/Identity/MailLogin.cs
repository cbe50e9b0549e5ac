namespace Migrator.Core.Identity;

/// <summary>Who logs in to a mail server, and for what.</summary>
/// <param name="User">The login name.</param>
public sealed record MailLogin(MailService Service, string User);
