using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Spool;

namespace Migrator.Core.Backups;

/// <summary>Some messages of one folder that are fetched together. Unlike a copy, an archive knows messages by their UIDs: several sessions
/// may fetch from one folder at once.</summary>
internal sealed class BackupFetch(BackupFolder folder, Func<IEnumerable<MessageSummary>> read, MessagePacker store, RunProgress progress)
    : IResumableWork
{
    private readonly IsolatingFetch _fetch = new();

    // While it is fetched: of a large folder there are thousands of parts.
    private Dictionary<Uid, MessageSummary>? _messages;
    private long _progressVersion;

    public BackupFolder Folder => folder;

    public long ProgressVersion => Interlocked.Read(ref _progressVersion) + _fetch.Isolation.Narrowed;

    public bool GiveUp(MailException loss) => folder.GiveUp(loss);

    /// <summary>Divides a folder's messages so that each part takes about as long.</summary>
    public static IEnumerable<BackupFetch> Divide(BackupFolder folder, MessagePacker store, RunProgress progress)
    {
        const int mostMessages = 500;
        const long mostBytes = 8 << 20;
        var settled = folder.Settled;
        foreach (var some in folder.Wanted)
        {
            var (first, end, count, bytes) = (Uid.Min, Uid.Min, 0, 0L);
            foreach (var message in Left(some))
            {
                if (count >= mostMessages || (count > 0 && bytes + message.Size > mostBytes))
                {
                    yield return Part(some, first, end);
                    (count, bytes) = (0, 0);
                }
                (first, end) = (count == 0 ? message.Uid : first, message.Uid);
                (count, bytes) = (count + 1, bytes + message.Size);
            }
            if (count > 0)
                yield return Part(some, first, end);
        }

        IEnumerable<MessageSummary> Left(WantedMessages some) => some.Read().Where(message => !settled.Contains(message.Uid));

        BackupFetch Part(WantedMessages some, Uid first, Uid last) =>
            new(folder, () => Left(some).Where(message => message.Uid >= first && message.Uid <= last), store, progress);
    }

    /// <param name="source">Has the folder open.</param>
    /// <param name="writer">This session's part of the spool.</param>
    /// <param name="stop">Ends the work after the message that is in progress.</param>
    public async Task RunAsync(IMailSource source, SpoolWriter writer, CancellationToken stop)
    {
        var wanted = _messages ??= read().ToDictionary(message => message.Uid);
        var (gone, unreadable) = await _fetch.RunAsync(
            source,
            [.. wanted.Keys.Order()],
            wanted.ContainsKey,
            new MessageSizes(uid => wanted.GetValueOrDefault(uid)?.Size, store.SpoolLimit),
            new Receiver(this, writer, source.AnnouncesSizes && !source.Provider.RewritesMessages),
            stop
        );
        await StableIds.EnsureAsync(source, folder.Folder.Path, folder.State!.Value, gone, stop);
        foreach (var uid in gone)
        {
            wanted.Remove(uid);
            folder.Vanished(uid);
        }
        foreach (var (uid, reason, why) in unreadable)
        {
            wanted.Remove(uid, out var message);
            folder.Fail(message!, reason, why);
            Interlocked.Increment(ref _progressVersion);
        }
        _messages = [];
    }

    private sealed class Receiver(BackupFetch fetch, SpoolWriter writer, bool sizesAnnounced) : IContentSink
    {
        public Stream Open(Uid? uid, long size) => MessagePacker.Open(size, writer);

        public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            // Nothing where there should be something is what some servers give for a message that they cannot read.
            if (!fetch.Wanted.TryGetValue(uid, out var summary) || (content.Length == 0 && summary.Size > 0))
            {
                await content.DisposeAsync();
                return;
            }
            var (id, size) = await fetch.Store.StoreAsync(content, writer, cancellationToken);
            fetch.Wanted.Remove(uid);
            fetch.Folder.Progress.Captured(size);
            if (sizesAnnounced && size < summary.Size)
                fetch.Progress.CameShort(fetch.Folder.Folder.Path, uid, size, summary.Size);
            if (arrival is { } taken)
                fetch.Progress.Dated(taken);
            fetch.Folder.Stored(summary, id, size, arrival);
            Interlocked.Increment(ref fetch._progressVersion);
        }
    }

    private Dictionary<Uid, MessageSummary> Wanted => _messages!;

    private MessagePacker Store => store;

    private RunProgress Progress => progress;
}
