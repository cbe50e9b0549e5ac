using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>A mailbox that an archive is of.</summary>
/// <param name="Account">As snapshots name it.</param>
/// <param name="Open">Opens a session with it.</param>
public sealed record RepairSource(string Account, Func<CancellationToken, Task<IMailSource>> Open);
