using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>How a run gets sessions with the two ends of a migration; each call opens a new one.</summary>
/// <param name="OpenTarget">Given the hold on the mailbox: once that is lost, nothing more is sent.</param>
/// <param name="OpenSource">Given the UID map that the run keeps, for a source that has none of its own.</param>
public sealed record MailboxEndpoints(
    Func<IUidMap, CancellationToken, Task<IMailSource>> OpenSource,
    Func<IMailboxLease, CancellationToken, Task<IMailTarget>> OpenTarget
);
