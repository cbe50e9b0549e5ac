using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Blobs;
using Migrator.Core.Checkpoints;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Storage.Checkpoints.Sqlite;

namespace Migrator.Tests.Archives;

/// <summary>An archive in some store, backups into it and restores from it.</summary>
public sealed class ArchiveHarness(IBlobStore store, IBlobStore controlStore, TimeProvider? time = null, string? passphrase = null)
    : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("state");

    public IBlobStore Store { get; set; } = store;

    public IBlobStore ControlStore { get; set; } = controlStore;

    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    public RunProgress Progress { get; private set; } = new();

    public string State => _state.FullName;

    private IKeyWrapper? Key => passphrase is null ? null : SecretKeyWrapper.OfPassphrase(passphrase, KeyDerivation.Pbkdf2Sha512);

    public Task<Archive> CreateAsync(CancellationToken stop) => Archive.CreateAsync(Store, ControlStore, Key, 0, Time, stop);

    public Task<Archive> OpenAsync(CancellationToken stop) => Archive.OpenAsync(Store, ControlStore, Key, Time, stop);

    public async Task<RunReport> BackUpAsync(
        string account,
        Func<IUidMap, CancellationToken, Task<IMailSource>> source,
        CancellationToken stop,
        SourceDeletionPolicy? removal = null,
        FolderRules? folders = null
    )
    {
        Progress = new RunProgress();
        var archive = await OpenAsync(stop);
        return await new Backup(
            new Transfer("backup", account, archive.Location, folders ?? FolderRules.All, RunOptions.Default),
            source,
            archive,
            removal ?? SourceDeletionPolicy.Never,
            Path.Combine(State, "spool"),
            Time,
            NullLogger.Instance
        ).RunAsync(Progress, stop);
    }

    public async Task<Snapshot> LatestAsync(string account, CancellationToken stop)
    {
        var archive = await OpenAsync(stop);
        return await archive.ReadAsync((await archive.SnapshotsAsync(account, stop))[^1], stop);
    }

    public async Task<Func<CancellationToken, Task<IMailSource>>> SessionsAsync(Snapshot snapshot, CancellationToken stop) =>
        await ArchiveSource.SessionsAsync(await OpenAsync(stop), snapshot, stop);

    public async Task<RunReport> RestoreAsync(
        Snapshot snapshot,
        string account,
        Func<IMailboxLease, CancellationToken, Task<IMailTarget>> target,
        CancellationToken stop
    )
    {
        var sessions = await SessionsAsync(snapshot, stop);
        await using var checkpoints = new SqliteCheckpointStore(Path.Combine(State, $"{Guid.NewGuid()}.db"));
        return await new Migration(
            new Transfer("restore", "archive", account, FolderRules.All, RunOptions.Default),
            new MailboxEndpoints((_, token) => sessions(token), target),
            checkpoints,
            Path.Combine(State, "restore"),
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(new RunProgress(), stop);
    }

    public ValueTask DisposeAsync()
    {
        _state.Delete(recursive: true);
        return default;
    }
}
