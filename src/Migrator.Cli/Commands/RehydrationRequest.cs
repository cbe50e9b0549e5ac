using Migrator.Core.Archives;

namespace Migrator.Cli.Commands;

/// <param name="All">Every pack, whatever needs it.</param>
internal sealed record RehydrationRequest(
    string? Mailbox,
    MailboxMatch Match,
    string? At,
    IReadOnlyList<string> Folders,
    bool All,
    bool HighPriority,
    string Tier,
    bool DryRun
);
