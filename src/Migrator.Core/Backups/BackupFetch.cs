using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Spool;

namespace Migrator.Core.Backups;

/// <summary>Some messages of one folder that are fetched together. Unlike a copy, an archive knows messages by their UIDs: several sessions
/// may fetch from one folder at once.</summary>
internal sealed class BackupFetch(BackupFolder folder, IReadOnlyList<MessageSummary> messages, MessagePacker store, RunProgress progress)
    : IResumableWork
{
    private readonly Dictionary<Uid, MessageSummary> _wanted = messages.ToDictionary(message => message.Uid);
    private readonly IsolatingFetch _fetch = new();
    private long _progressVersion;

    public BackupFolder Folder => folder;

    public long ProgressVersion => Interlocked.Read(ref _progressVersion) + _fetch.Isolation.Narrowed;

    public bool GiveUp(MailException loss) => folder.GiveUp(loss);

    /// <summary>Divides a folder's messages so that each part takes about as long.</summary>
    public static IEnumerable<BackupFetch> Divide(BackupFolder folder, MessagePacker store, RunProgress progress)
    {
        const int mostMessages = 500;
        const long mostBytes = 8 << 20;
        var (part, bytes) = (new List<MessageSummary>(), 0L);
        foreach (var message in folder.Wanted)
        {
            if (part.Count >= mostMessages || (part.Count > 0 && bytes + message.Size > mostBytes))
            {
                yield return new BackupFetch(folder, part, store, progress);
                (part, bytes) = ([], 0);
            }
            part.Add(message);
            bytes += message.Size;
        }
        if (part.Count > 0)
            yield return new BackupFetch(folder, part, store, progress);
    }

    /// <param name="source">Has the folder open.</param>
    /// <param name="writer">This session's part of the spool.</param>
    /// <param name="stop">Ends the work after the message that is in progress.</param>
    public async Task RunAsync(IMailSource source, SpoolWriter writer, CancellationToken stop)
    {
        var (gone, unreadable) = await _fetch.RunAsync(
            source,
            [.. _wanted.Keys.Order()],
            _wanted.ContainsKey,
            new MessageSizes(uid => _wanted.GetValueOrDefault(uid)?.Size, store.SpoolLimit),
            new Receiver(this, writer, source.AnnouncesSizes && !source.Provider.RewritesMessages),
            stop
        );
        await StableIds.EnsureAsync(source, folder.Folder.Path, folder.State!.Value, gone, stop);
        foreach (var uid in gone)
        {
            _wanted.Remove(uid);
            folder.Vanished(uid);
        }
        foreach (var (uid, reason, why) in unreadable)
        {
            _wanted.Remove(uid, out var message);
            folder.Fail(message!, reason, why);
            Interlocked.Increment(ref _progressVersion);
        }
    }

    private sealed class Receiver(BackupFetch fetch, SpoolWriter writer, bool sizesAnnounced) : IContentSink
    {
        public Stream Open(Uid? uid, long size) => MessagePacker.Open(size, writer);

        public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            // Nothing where there should be something is what some servers give for a message that they cannot read.
            if (!fetch._wanted.TryGetValue(uid, out var summary) || (content.Length == 0 && summary.Size > 0))
            {
                await content.DisposeAsync();
                return;
            }
            var (id, size) = await fetch.Store.StoreAsync(content, writer, cancellationToken);
            fetch._wanted.Remove(uid);
            fetch.Folder.Progress.Captured(size);
            if (sizesAnnounced && size < summary.Size)
                fetch.Progress.CameShort(fetch.Folder.Folder.Path, uid, size, summary.Size);
            if (arrival is { } taken)
                fetch.Progress.Dated(taken);
            fetch.Folder.Stored(summary, id, size, arrival);
            Interlocked.Increment(ref fetch._progressVersion);
        }
    }

    private MessagePacker Store => store;

    private RunProgress Progress => progress;
}
