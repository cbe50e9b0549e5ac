using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <summary>Restores a sample of a mailbox to memory, in the way in which a restore does it, and compares it with the counts and hashes of
/// its newest complete snapshot.</summary>
/// <param name="index">Of all that there is.</param>
/// <param name="messages">How many messages of a mailbox are read, at most; besides those that failed the last time.</param>
internal sealed class RestoreTest(Archive archive, ArchiveIndex index, int messages, Random random)
{
    private const int AtOnce = 50;
    private const int ListedAtOnce = 1000;
    private const int MostRemembered = 1_000;

    /// <param name="names">The mailbox's snapshots, in order.</param>
    /// <param name="proof">Of the last test.</param>
    /// <param name="progress">Gets the mailbox as if it were a folder.</param>
    /// <returns>What was found out.</returns>
    /// <exception cref="StorageException">The store failed: nothing is found out.</exception>
    public async Task<TestedMailbox> RunAsync(IReadOnlyList<SnapshotName> names, Proof proof, RunProgress progress, CancellationToken stop)
    {
        var wrong = new List<string>();
        var chosen =
            await SnapshotChoice.NewestAsync(archive, names, SnapshotState.Complete, wrong.Add, stop)
            ?? await SnapshotChoice.NewestAsync(archive, names, null, wrong.Add, stop);
        if (chosen is not var (name, snapshot))
            return new TestedMailbox(
                names[^1].Mailbox,
                null,
                [],
                [.. wrong.Distinct()],
                proof with
                {
                    FailedAt = archive.Time.GetUtcNow(),
                }
            );
        var place = new FolderPath([snapshot.Mailbox]);
        var sample = TestChoice.Messages(snapshot.Messages, messages, random);
        var tested = progress.Add(place, place, sample.Count);
        var failures = new List<(MessageFailure Failure, ContentId? Content)>();
        await using var source = ArchiveSource.Sessions(archive, index, snapshot)();
        var (first, next) = (0L, 0);
        foreach (var folder in snapshot.Folders.Where(folder => folder.Selectable))
        {
            stop.ThrowIfCancellationRequested();
            var wanted = new List<int>();
            for (; next < sample.Count && sample[next] < first + folder.Count; next++)
                wanted.Add((int)(sample[next] - first));
            first += folder.Count;
            if (await ListAsync(source, folder, wrong, stop) is not { } uids)
            {
                tested.Found(wanted.Count);
                tested.Failed(wanted.Count, Reason.NotRestorable.Code);
                continue;
            }
            var again = new List<Uid>();
            foreach (var uid in proof.Failed.Count == 0 ? [] : uids)
            {
                if (proof.Failed.Contains(archive.Keys.AddressOf((await source.ContentOfAsync(uid, stop))!.Value).ToString()))
                    again.Add(uid);
            }
            await ReadAsync(
                source,
                folder.Path,
                [.. wanted.Where(at => at < uids.Count).Select(at => uids[at]).Union(again).Order()],
                tested,
                failures,
                stop
            );
        }
        var good = wrong.Count == 0 && failures.Count == 0;
        tested.Phase = good ? FolderPhase.Done : FolderPhase.Failed;
        var now = archive.Time.GetUtcNow();
        return new TestedMailbox(
            snapshot.Mailbox,
            tested,
            [.. failures.Select(failure => failure.Failure)],
            [.. wrong.Distinct()],
            good
                ? new Proof(now, name.Name, null, [])
                : proof with
                {
                    FailedAt = now,
                    Failed =
                    [
                        .. failures
                            .Select(failure => failure.Content)
                            .OfType<ContentId>()
                            .Select(content => archive.Keys.AddressOf(content).ToString())
                            .Take(MostRemembered),
                    ],
                }
        );
    }

    /// <returns>The folder's UIDs; null where it cannot be read.</returns>
    private static async Task<IReadOnlyList<Uid>?> ListAsync(
        ArchiveSource source,
        SnapshotFolder folder,
        List<string> wrong,
        CancellationToken stop
    )
    {
        IReadOnlyList<Uid> uids;
        try
        {
            await source.OpenAsync(folder.Path, stop);
            uids = await source.ListUidsAsync(1, stop);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Folder)
        {
            wrong.Add(exception.Message);
            return null;
        }
        var bytes = 0L;
        foreach (var chunk in uids.Chunk(ListedAtOnce))
            bytes += (await source.FetchSummariesAsync(chunk, stop)).Sum(message => message.Size);
        if (
            uids.Count != folder.Count
            || folder.Pages.Sum(page => page.Count) != folder.Count
            || bytes != folder.Bytes
            || uids.Distinct().Count() != uids.Count
        )
            wrong.Add(
                $"{folder.Path}: its pages list {uids.Count:N0} messages of {bytes:N0} bytes, the snapshot says "
                    + $"{folder.Count:N0} of {folder.Bytes:N0}."
            );
        return uids;
    }

    private static async Task ReadAsync(
        ArchiveSource source,
        FolderPath folder,
        IReadOnlyList<Uid> uids,
        FolderProgress tested,
        List<(MessageFailure, ContentId?)> failures,
        CancellationToken stop
    )
    {
        tested.Found(uids.Count);
        foreach (var chunk in uids.Chunk(AtOnce))
        {
            var receiver = new Comparison(source);
            try
            {
                await source.FetchAsync(chunk, receiver, stop);
            }
            catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
            {
                // Which of them it is about is asked for one by one.
            }
            tested.AlreadyThere(receiver.Same.Count);
            foreach (var uid in chunk.Where(uid => !receiver.Same.Contains(uid)))
            {
                var why = receiver.Different.Contains(uid)
                    ? "What was restored is not what was stored."
                    : await WhyAsync(source, uid, stop);
                if (why is null)
                {
                    tested.AlreadyThere(1);
                    continue;
                }
                tested.Failed(1, Reason.NotRestorable.Code);
                var size = (await source.FetchSummariesAsync([uid], stop)).Select(message => message.Size).FirstOrDefault();
                failures.Add(
                    (
                        new MessageFailure(tested.Source.Concat(folder.Names), uid, null, size, Failure.Of(Reason.NotRestorable, why)),
                        await source.ContentOfAsync(uid, stop)
                    )
                );
            }
        }
    }

    /// <returns>Null where it can be read after all.</returns>
    private static async Task<string?> WhyAsync(ArchiveSource source, Uid uid, CancellationToken stop)
    {
        var receiver = new Comparison(source);
        try
        {
            await source.FetchAsync([uid], receiver, stop);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
        {
            return exception.Message;
        }
        return receiver.Same.Contains(uid) ? null : "What was restored is not what was stored.";
    }

    /// <summary>Hashes what it is given: nothing is kept.</summary>
    private sealed class Comparison(ArchiveSource source) : IContentSink
    {
        private readonly Dictionary<Stream, long> _sizes = [];

        public HashSet<Uid> Same { get; } = [];

        public HashSet<Uid> Different { get; } = [];

        public Stream Open(Uid? uid, long size)
        {
            var stream = new HashStream();
            _sizes[stream] = size;
            return stream;
        }

        public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            await using var hash = (HashStream)content;
            _sizes.Remove(content, out var size);
            var stored = await source.ContentOfAsync(uid, cancellationToken);
            (hash.Finish() == stored && hash.Length == size ? Same : Different).Add(uid);
        }
    }
}
