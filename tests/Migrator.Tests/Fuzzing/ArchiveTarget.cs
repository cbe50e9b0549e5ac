using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Fuzzing;

/// <summary>Blobs of an archive, one of them changed. Whatever is returned is what was stored: never other bytes under the same
/// UID.</summary>
internal sealed class ArchiveTarget : FuzzTarget
{
    private const string Account = "ann@old.example";

    private readonly bool _encrypted;
    private readonly MemoryBlobStore _store = new();
    private readonly MemoryBlobStore _control = new();
    private readonly Dictionary<(string Snapshot, FolderPath Folder, Uid Uid), ContentId> _stored = [];
    private readonly List<string> _names = [];

    private ArchiveTarget(bool encrypted) => _encrypted = encrypted;

    public override string Name => _encrypted ? "archive-encrypted" : "archive";

    public override IReadOnlyList<byte[]> Inputs => [.. _names.Select(name => _store.Blobs[name])];

    public override IReadOnlyList<string> Tokens { get; } =
    ["\"", "{", "null", "\u00ff\u00ff\u00ff\u00ff", "\0\0\0\0", "\u0080\u0080\u0080\u0080\u0001", "(\u00b5/\u00fd", "1e9", "-1"];

    private SecretKeyWrapper? Key =>
        _encrypted ? SecretKeyWrapper.OfKeyFile([.. Enumerable.Range(0, 32).Select(value => (byte)value)]) : null;

    public static async Task<ArchiveTarget> MakeAsync(bool encrypted, CancellationToken stop)
    {
        var target = new ArchiveTarget(encrypted);
        await target.FillAsync(stop);
        return target;
    }

    public override async Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        // Clones share the bytes of blobs, which are replaced here as a whole.
        var store = _store.Clone();
        await store.ReplaceAsync(_names[origin], input, stop);
        try
        {
            var archive = await Archive.OpenAsync(store, _control.Clone(), Key, TimeProvider.System, stop);
            await new ArchiveCheck(archive, 1).RunAsync(_ => { }, stop);
        }
        catch (StorageException)
        {
            // As promised.
        }
        try
        {
            var archive = await Archive.OpenAsync(store, _control.Clone(), Key, TimeProvider.System, stop);
            var compared = 0;
            foreach (var snapshot in await archive.SnapshotsAsync(Account, stop))
                await RestoreAsync(archive, snapshot, Compare, stop);
            WasRead = compared == _stored.Count;

            void Compare((string, FolderPath, Uid) message, ContentId content)
            {
                compared++;
                if (!_stored.TryGetValue(message, out var stored) || stored != content)
                    throw new InvalidDataException($"{message} comes back as something else.");
            }
        }
        catch (StorageException)
        {
            // As promised.
        }
    }

    private async Task FillAsync(CancellationToken stop)
    {
        await Archive.CreateAsync(_store, _control, Key, 0, TimeProvider.System, stop);
        var (mailbox, random) = (new MemoryMailSource(), new Random(11));
        var (inbox, sent) = (mailbox.Add("INBOX", SpecialUse.Inbox), mailbox.Add("Sent", SpecialUse.Sent, uidValidity: 3));
        for (var night = 0; night < 2; night++)
        {
            for (var count = 0; count < 3; count++)
                inbox.Add(Letter(random), "\\Seen");
            sent.Add(Letter(random), "\\Seen later");
            await BackUpAsync(mailbox, stop);
        }
        var archive = await Archive.OpenAsync(_store, _control, Key, TimeProvider.System, stop);
        foreach (var snapshot in await archive.SnapshotsAsync(Account, stop))
            await RestoreAsync(archive, snapshot, _stored.Add, stop);
        _names.AddRange(_store.Blobs.Keys.Order(StringComparer.Ordinal));
    }

    private async Task BackUpAsync(MemoryMailSource mailbox, CancellationToken stop)
    {
        var archive = await Archive.OpenAsync(_store, _control, Key, TimeProvider.System, stop);
        var state = Directory.CreateTempSubdirectory("migrator-fuzz-");
        try
        {
            var transfer = new Transfer("backup", Account, archive.Location, FolderRules.All, new RunOptions(1, 64 << 20));
            await new Backup(
                transfer,
                (_, _) => Task.FromResult<IMailSource>(mailbox.Session()),
                archive,
                SourceDeletionPolicy.Never,
                Path.Combine(state.FullName, "spool"),
                TimeProvider.System,
                NullLogger.Instance
            ).RunAsync(new RunProgress(), stop);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    private static async Task RestoreAsync(
        Archive archive,
        SnapshotName name,
        Action<(string, FolderPath, Uid), ContentId> take,
        CancellationToken stop
    )
    {
        try
        {
            var sessions = await ArchiveSource.SessionsAsync(archive, await archive.ReadAsync(name, stop), stop);
            await using var session = await sessions(stop);
            foreach (var folder in await session.ListFoldersAsync(stop))
            {
                await session.OpenAsync(folder.Path, stop);
                var uids = await session.ListUidsAsync(1, stop);
                var sink = new FuzzSink(uids);
                try
                {
                    await session.FetchAsync(uids, sink, stop);
                }
                catch (MailException)
                {
                    // What came before it is compared.
                }
                foreach (var (uid, content) in sink.Taken)
                    take((name.ToString(), folder.Path, uid), content);
            }
        }
        catch (Exception exception) when (exception is StorageException or MailException)
        {
            // Another snapshot may be read.
        }
    }

    // Some that are compressed, some that are not.
    private static byte[] Letter(Random random) =>
        Encoding.Latin1.GetBytes(
            $"Subject: {random.Next()}\r\n\r\n{string.Concat(Enumerable.Repeat("Words, words. ", random.Next(12)))}\r\n"
        );
}
