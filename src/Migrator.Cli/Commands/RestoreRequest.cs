using Migrator.Core.Archives;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <param name="Messages">Ids; empty for all messages.</param>
/// <param name="Mode">"missing", "side" or "exact".</param>
/// <param name="DryRun">Nothing is restored: what would be is shown.</param>
internal sealed record RestoreRequest(
    string? Mailbox,
    MailboxMatch Match,
    string? At,
    IReadOnlyList<string> Folders,
    IReadOnlyList<string> Messages,
    MailServer Target,
    string Mode,
    bool DryRun
);
