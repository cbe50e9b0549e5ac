using Migrator.Core.Archives;

namespace Migrator.Cli.Commands;

/// <param name="Sessions">Open what is returned.</param>
/// <param name="IsOlder">There is a later snapshot that was not asked for and lacks something.</param>
/// <param name="Words">What it is.</param>
internal sealed record GivenMailbox(
    SnapshotName Name,
    Snapshot Snapshot,
    Func<CancellationToken, Task<Core.Mail.IMailSource>> Sessions,
    IReadOnlyList<string> Warnings,
    bool IsOlder,
    string Words
);
