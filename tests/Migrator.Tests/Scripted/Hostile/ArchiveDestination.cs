using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Backups;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Archives;
using Migrator.Tests.Mail;
using Migrator.Tests.Memory;
using Migrator.Tests.Recovery;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>An archive, whose newest snapshot is read as a restore reads it.</summary>
internal sealed class ArchiveDestination : IDestination
{
    private const string Account = "imap://ann@odd.example:143";

    private readonly ArchiveHarness _archive = new(new MemoryBlobStore(), new MemoryBlobStore(), new ImmediateClock());
    private bool _created;

    public RunProgress Progress => _archive.Progress;

    public IReadOnlyList<StoredMail> Residents => [];

    public async Task<RunReport> RunAsync(
        Func<IUidMap, CancellationToken, Task<IMailSource>> source,
        SourceDeletionPolicy deletion,
        TimeProvider time,
        CancellationToken stop
    )
    {
        if (!_created)
            await _archive.CreateAsync(stop);
        _created = true;
        return await _archive.BackUpAsync(Account, source, stop, deletion);
    }

    public async Task<IReadOnlyList<Difference>> VerifyAsync(
        Func<IUidMap, CancellationToken, Task<IMailSource>> source,
        CancellationToken stop
    )
    {
        var archive = await _archive.OpenAsync(stop);
        var transfer = new Transfer("verify", Account, archive.Location, FolderRules.All, RunOptions.Default);
        var snapshot = await _archive.LatestAsync(Account, stop);
        var verification = new BackupVerification(transfer, source, archive, snapshot, new ImmediateClock(), NullLogger.Instance);
        return (await verification.RunAsync(new RunProgress(), stop)).Differences;
    }

    public async Task<IReadOnlyDictionary<string, IReadOnlyList<StoredMail>>> ReadAsync(CancellationToken stop)
    {
        var folders = new Dictionary<string, IReadOnlyList<StoredMail>>();
        if ((await (await _archive.OpenAsync(stop)).SnapshotsAsync(Account, stop)).Count == 0)
            return folders;
        await using var session = await (await _archive.SessionsAsync(await _archive.LatestAsync(Account, stop), stop))(stop);
        foreach (var folder in (await session.ListFoldersAsync(stop)).Where(folder => folder.Selectable))
        {
            await session.OpenAsync(folder.Path, stop);
            var (received, uids) = (new ReceivedMail(), await session.ListUidsAsync(1, stop));
            await session.FetchAsync(uids, received, stop);
            folders[Servers.ModifiedUtf7.Encode(folder.Path.ToString())] =
            [
                .. (await session.FetchSummariesAsync(uids, stop)).Select(summary => new StoredMail(
                    received.Messages[summary.Uid],
                    summary.Flags,
                    summary.InternalDate
                )),
            ];
        }
        return folders;
    }

    public IEnumerable<string> Named(RunReport report) =>
        report.Notices.Where(notice =>
            notice.Contains("has no valid date", StringComparison.Ordinal) || notice.Contains("invalid flags", StringComparison.Ordinal)
        );

    public ValueTask DisposeAsync() => _archive.DisposeAsync();
}
