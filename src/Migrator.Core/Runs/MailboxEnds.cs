using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>How a run gets sessions with the two ends of a migration; each call opens a new one.</summary>
public sealed record MailboxEnds(Func<CancellationToken, Task<IMailSource>> OpenSource, Func<CancellationToken, Task<IMailTarget>> OpenTarget);
