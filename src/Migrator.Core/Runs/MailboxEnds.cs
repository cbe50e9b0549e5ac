using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>How a run gets sessions with the two ends of a migration; each call opens a new one.</summary>
/// <param name="OpenSource">Given the book of UIDs that the run keeps, for a source that has none of its own.</param>
public sealed record MailboxEnds(Func<IUidBook, CancellationToken, Task<IMailSource>> OpenSource, Func<CancellationToken, Task<IMailTarget>> OpenTarget);
