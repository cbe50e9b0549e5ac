using Migrator.Core.Jobs;

namespace Migrator.App.Settings;

/// <param name="To">Addresses; may be none, as jobs have their own.</param>
/// <param name="Server">Its user is empty where it lets us in without.</param>
public sealed record NotifyMail(IReadOnlyList<string> To, string From, MailServer Server);
