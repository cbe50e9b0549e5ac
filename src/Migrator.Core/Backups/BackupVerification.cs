using Microsoft.Extensions.Logging;
using Migrator.Core.Archives;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Runs;

namespace Migrator.Core.Backups;

/// <summary>Reads a mailbox and its latest snapshot, every octet of both, and compares. Both know messages by the same UIDs.</summary>
public sealed class BackupVerification(Transfer transfer, Func<IUidBook, CancellationToken, Task<IMailSource>> openSource, Archive archive, Snapshot snapshot, TimeProvider time, ILogger log)
{
    /// <returns>Every difference, folder by folder. What only the archive has is no fault: it may have been removed since.</returns>
    /// <exception cref="MailException">The source could not be reached or stopped answering: nothing is proved.</exception>
    /// <exception cref="Blobs.StorageException">The archive's index cannot be read.</exception>
    public Task<VerifyReport> RunAsync(RunProgress progress, CancellationToken stop) =>
        RunMeasure.DuringAsync(progress, transfer, "verify", time, () => CompareAsync(progress, stop), report => (report.Identical ? RunOutcome.Complete : RunOutcome.Partial, null));

    private async Task<VerifyReport> CompareAsync(RunProgress progress, CancellationToken stop)
    {
        var started = time.GetUtcNow();
        var index = await archive.IndexAsync(stop).ConfigureAwait(false);
        using var reader = new ObjectReader(archive, index);
        var book = await SnapshotBook.ReadAsync(reader, snapshot, stop).ConfigureAwait(false);
        var sessions = new Func<LaneSessions>(() => new LaneSessions(token => openSource(book, token), null));
        await using var first = sessions();
        await first.EnsureOpenAsync(stop).ConfigureAwait(false);
        progress.Phase = "Listing folders";
        var rules = new FolderChoice(transfer.Folders);
        var work = (await first.Source.ListFoldersAsync(stop).ConfigureAwait(false)).Where(folder => folder.Selectable && rules.Covers(folder) && rules.Includes(folder.Path))
            .Select(folder => new FolderComparing(folder, progress.Add(folder.Path, folder.Path, folder.State?.Count ?? 0))).ToList();
        progress.Phase = "Comparing";
        await new Lanes(sessions, time, progress, log).RunAsync(first, first.Source is IRemovableSource ? 1 : transfer.Options.Connections, work,
            (folder, lane, token) => folder.CompareAsync(lane, new ArchiveSource(archive, index, snapshot), token), stop).ConfigureAwait(false);
        return new VerifyReport(transfer.Name, transfer.Source, transfer.Target, started, time.GetUtcNow(),
            [.. work.Select(folder => folder.Result!)], [.. work.SelectMany(folder => folder.Differences)], [.. progress.Notices])
        {
            Operation = Operation.Backup,
        };
    }

    private sealed class FolderComparing(MailFolder folder, FolderProgress progress) : IWork
    {
        private readonly List<Difference> _differences = [];
        private long _headway;

        public long Headway => _headway;

        public FolderComparison? Result { get; private set; }

        public IReadOnlyList<Difference> Differences => _differences;

        public async Task CompareAsync(LaneSessions lane, ArchiveSource archived, CancellationToken stop)
        {
            await using (archived.ConfigureAwait(false))
            {
                progress.Phase = FolderPhase.Copying;
                await lane.OpenSourceFolderAsync(folder.Path, stop).ConfigureAwait(false);
                var source = await ReadAsync(lane.Source, stop).ConfigureAwait(false);
                var (exists, target) = (true, new Dictionary<uint, Message>());
                try
                {
                    await archived.OpenAsync(folder.Path, stop).ConfigureAwait(false);
                    target = await ReadAsync(archived, stop).ConfigureAwait(false);
                }
                catch (MailException exception) when (exception.Reason == Reason.FolderMissing)
                {
                    exists = false;
                }
                Compare(source, target, exists, hasOwnDates: lane.Source is not IRemovableSource);
                progress.Found(source.Count);
                progress.AlreadyThere(source.Count);
                progress.Phase = FolderPhase.Done;
                _headway++;
            }
        }

        private readonly record struct Message(ContentId Content, long Size, FlagSet Flags, DateTimeOffset Date);

        private async Task<Dictionary<uint, Message>> ReadAsync(IMailSource source, CancellationToken stop)
        {
            var messages = new Dictionary<uint, Message>();
            foreach (var chunk in (await source.ListUidsAsync(1, stop).ConfigureAwait(false)).Chunk(500))
            {
                var summaries = (await source.SummarizeAsync(chunk, stop).ConfigureAwait(false)).ToDictionary(summary => summary.Uid);
                var hasher = new ContentHasher((uid, content, _, size) =>
                {
                    progress.Captured(size);
                    if (summaries.TryGetValue(uid, out var summary))
                        messages[uid] = new Message(content, size, summary.Flags, summary.InternalDate);
                });
                try
                {
                    await source.FetchAsync(chunk, hasher, stop).ConfigureAwait(false);
                }
                catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
                {
                    // What could not be read is missing from this side, and said so by the comparison.
                }
            }
            return messages;
        }

        private void Compare(Dictionary<uint, Message> source, Dictionary<uint, Message> target, bool exists, bool hasOwnDates)
        {
            _differences.Clear();
            if (!exists)
                Differ(DifferenceKind.Folder, null, "there", "not in the snapshot");
            foreach (var (uid, message) in source.OrderBy(entry => entry.Key))
            {
                if (!target.TryGetValue(uid, out var copy))
                {
                    if (exists)
                        Differ(DifferenceKind.Missing, uid, "there", "not in the snapshot, or not readable");
                    continue;
                }
                if (message.Content != copy.Content)
                    Differ(DifferenceKind.Content, uid, $"{message.Size:N0} octets, {message.Content}", $"{copy.Size:N0} octets, {copy.Content}");
                if (message.Flags != copy.Flags && hasOwnDates)
                    Differ(DifferenceKind.Flags, uid, message.Flags.ToString(), copy.Flags.ToString());
                if (message.Date != copy.Date && hasOwnDates)
                    Differ(DifferenceKind.InternalDate, uid, message.Date.ToString("u"), copy.Date.ToString("u"));
            }
            var matched = source.Count(entry => target.TryGetValue(entry.Key, out var copy) && copy.Content == entry.Value.Content);
            Result = new FolderComparison([folder.Path], folder.Path, exists, source.Count, target.Count, source.Values.Sum(message => message.Size), matched,
                source.Keys.Count(uid => !target.ContainsKey(uid)), Count(DifferenceKind.Content), Count(DifferenceKind.Flags), Count(DifferenceKind.InternalDate), target.Keys.Count(uid => !source.ContainsKey(uid)));
        }

        private long Count(DifferenceKind kind) => _differences.Count(difference => difference.Kind == kind);

        private void Differ(DifferenceKind kind, uint? uid, string expected, string actual) =>
            _differences.Add(new Difference(kind, folder.Path, uid, folder.Path, uid, expected, actual));
    }
}
