using System.Threading.Channels;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Mail;
using Migrator.Core.Pacing;
using Migrator.Core.Spool;

namespace Migrator.Core.Migrations;

/// <summary>Source to spool: fetches what is pending in one folder, in the order of UIDs.</summary>
internal sealed class FetchStage(
    FolderCopyState folder,
    IMailSource source,
    IPacer target,
    SpoolWriter spool,
    ChannelWriter<CapturedMessage> output
)
{
    private const int Chunk = 500;

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        (folder.HasLeft, folder.HasWaiting) = (false, false);
        await foreach (var page in folder.Folder.ReadPagesAsync(_checkpoint, MessageStates.Pending, Chunk, cancellationToken))
        {
            var turns = page.Where(record => !folder.Failures.Contains(record.Uid)).ToLookup(folder.IsDue);
            folder.HasWaiting |= turns[false].Any();
            var due = turns[true].ToLookup(record => folder.IsLeft(record.Uid));
            folder.HasLeft |= due[true].Any();
            await FetchAsync([.. due[false]], cancellationToken);
        }
    }

    private async Task FetchAsync(List<MessageRecord> records, CancellationToken cancellationToken)
    {
        records = await RefreshFailedAsync(records, cancellationToken);
        var hopeless = records.Where(record => record.Size / 2 > folder.MaxSize || folder.Run.Quota.Excludes(record.Size)).ToList();
        await folder.FailAsync([.. hopeless.Select(record => Refused(record, folder.MaxSize))], cancellationToken);

        await AdmitAsync(cancellationToken);
        var wanted = records.Except(hopeless).ToDictionary(record => record.Uid);
        var (gone, unreadable) = await folder.SourceFetches.RunAsync(
            source,
            [.. wanted.Keys.Order()],
            wanted.ContainsKey,
            new MessageSizes(uid => wanted.GetValueOrDefault(uid)?.Size, folder.Run.Spool.Limit),
            new Receiver(this, wanted),
            cancellationToken
        );
        await StableIds.EnsureAsync(source, folder.Mapping.Source.Path, folder.Enumerated!.Value, gone, cancellationToken);
        await _checkpoint.MarkVanishedAsync(folder.Folder.Id, gone, cancellationToken);
        folder.Progress.Vanished(gone.Count);
        await folder.FailAsync([.. unreadable.Select(message => (wanted[message.Uid], message.Reason, message.Why))], cancellationToken);
    }

    /// <summary>What failed in an earlier run may have failed before its flags and date were known.</summary>
    private async Task<List<MessageRecord>> RefreshFailedAsync(List<MessageRecord> records, CancellationToken cancellationToken)
    {
        var failed = records.Where(record => record.State == MessageState.Failed).Select(record => record.Uid).ToList();
        if (failed.Count == 0)
            return records;
        var fresh = new Dictionary<Uid, MessageSummary>();
        await folder.SourceSummaries.AskAsync(
            failed,
            async some =>
            {
                foreach (var summary in await source.FetchSummariesAsync(some, cancellationToken))
                    fresh[summary.Uid] = summary;
            },
            mayGiveUp: false
        );
        var silent = records.Where(record => record.State == MessageState.Failed && !fresh.ContainsKey(record.Uid)).ToList();
        await folder.FailAsync(
            [.. silent.Select(record => (record, Reason.SourceUnreadable, "the source returns neither its date nor its size"))],
            cancellationToken
        );
        return
        [
            .. records
                .Except(silent)
                .Select(record =>
                    fresh.TryGetValue(record.Uid, out var summary)
                        ? record with
                        {
                            Flags = summary.Flags,
                            InternalDate = summary.InternalDate,
                            Size = summary.Size,
                        }
                        : record
                ),
        ];
    }

    /// <summary>What the target may not receive today is not fetched: it would be fetched once more tomorrow.</summary>
    private async ValueTask AdmitAsync(CancellationToken cancellationToken)
    {
        while (folder.Run.Spool.Waiting is > 0 and var waiting)
        {
            try
            {
                await target.AdmitAsync(TransferDirection.Upload, 0, 1 + waiting, cancellationToken);
                return;
            }
            catch (MailException exception) when (exception.Reason == Reason.DailyLimit)
            {
                // A part of it may have been sent already, and is counted twice.
                await folder.Run.Spool.WaitForLessAsync(Math.Min(waiting, folder.Run.Spool.Limit), cancellationToken);
            }
        }
        await target.AdmitAsync(TransferDirection.Upload, 0, 1, cancellationToken);
    }

    internal static (MessageRecord, Reason, string) Refused(MessageRecord record, long maxSize) =>
        record.Size > maxSize
            ? (record, Reason.TooLarge, $"it has {record.Size:N0} bytes, the target accepts {maxSize:N0}")
            : (record, Reason.OverQuota, "the target refused a message of this size or a smaller one before, because it is full");

    private sealed class Receiver(FetchStage stage, Dictionary<Uid, MessageRecord> wanted) : IContentSink
    {
        public Stream Open(Uid? uid, long size) => stage.Spool.Begin();

        public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            // A server that cannot read a message may give NIL or nothing for it: that is not an empty message, and stays wanted.
            if (!wanted.TryGetValue(uid, out var record) || (content.Length == 0 && record.Size > 0))
            {
                await content.DisposeAsync();
                return;
            }
            wanted.Remove(uid);
            var entry = stage.Spool.Complete(content);
            stage.Folder.Progress.Captured(entry.Length);
            if (stage.Source.AnnouncesSizes && !stage.Folder.SourceRewrites && entry.Length < record.Size)
                stage.Folder.Run.Progress.CameShort(stage.Folder.Mapping.Source.Path, uid, entry.Length, record.Size);
            if (arrival is { } taken)
                stage.Folder.Run.Progress.Dated(taken);
            // First into the hands of the append stage, then wait for room: the other way round, a message larger than the limit would wait
            // for itself.
            try
            {
                await stage.Output.WriteAsync(
                    new CapturedMessage(
                        record with
                        {
                            Content = entry.Content,
                            Size = entry.Length,
                            InternalDate = arrival?.Date ?? record.InternalDate,
                        },
                        entry
                    ),
                    cancellationToken
                );
            }
            catch (Exception exception) when (exception is ChannelClosedException or OperationCanceledException)
            {
                entry.Dispose();
                throw new OperationCanceledException("The append stage has ended.", exception, cancellationToken);
            }
            await stage.Folder.Run.Spool.WaitForRoomAsync(cancellationToken);
            await stage.AdmitAsync(cancellationToken);
        }
    }

    private IMailSource Source => source;

    private SpoolWriter Spool => spool;

    private ChannelWriter<CapturedMessage> Output => output;

    private FolderCopyState Folder => folder;
}
