using Migrator.Core.Reports;

namespace Migrator.App.Health;

/// <param name="Archive">Its location.</param>
public sealed record ArchivedProof(string Archive, MailboxProof Proof);
