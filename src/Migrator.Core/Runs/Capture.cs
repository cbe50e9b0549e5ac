using System.Threading.Channels;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Core.Spool;

namespace Migrator.Core.Runs;

/// <summary>A message whose octets are in the spool.</summary>
/// <param name="WithoutKeywords">The target refused it with them.</param>
internal sealed record CapturedMessage(MessageRecord Record, SpoolEntry Entry, bool WithoutKeywords = false);

/// <summary>Source to spool: fetches what is pending in one folder, in the order of UIDs.</summary>
internal sealed class Capture(FolderRun folder, IMailSource source, SpoolWriter spool, ChannelWriter<CapturedMessage> output)
{
    private const int Chunk = 500;

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (uint from = 0; ;)
        {
            var page = await _checkpoint.ReadAsync(folder.Folder.Id, Enumeration.Pending, from, Chunk, cancellationToken).ConfigureAwait(false);
            if (page.Count == 0)
                return;
            await CaptureAsync([.. page.Where(record => !folder.HasFailed(record.Uid))], cancellationToken).ConfigureAwait(false);
            if (page[^1].Uid == uint.MaxValue)
                return;
            from = page[^1].Uid + 1;
        }
    }

    private async Task CaptureAsync(List<MessageRecord> records, CancellationToken cancellationToken)
    {
        records = await RefreshFailedAsync(records, cancellationToken).ConfigureAwait(false);
        var hopeless = records.Where(record => record.Size / 2 > folder.MaxSize || folder.Run.Quota.Excludes(record.Size)).ToList();
        await folder.FailAsync([.. hopeless.Select(record => Refused(record, folder.MaxSize))], cancellationToken).ConfigureAwait(false);

        var wanted = records.Except(hopeless).ToDictionary(record => record.Uid);
        foreach (var batch in wanted.Keys.Order().Chunk(folder.Cautious ? 1 : Chunk).ToList())
            await FetchAsync(batch, wanted, cancellationToken).ConfigureAwait(false);
        if (wanted.Count > 0)
            await AskAgainAsync(wanted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What failed in an earlier run may have failed before its flags and date were known.</summary>
    private async Task<List<MessageRecord>> RefreshFailedAsync(List<MessageRecord> records, CancellationToken cancellationToken)
    {
        var failed = records.Where(record => record.State == MessageState.Failed).Select(record => record.Uid).ToList();
        if (failed.Count == 0)
            return records;
        var fresh = new Dictionary<uint, MessageSummary>();
        await Piecemeal.AskAsync(failed, async some =>
        {
            foreach (var summary in await source.SummarizeAsync(some, cancellationToken).ConfigureAwait(false))
                fresh[summary.Uid] = summary;
        }).ConfigureAwait(false);
        var silent = records.Where(record => record.State == MessageState.Failed && !fresh.ContainsKey(record.Uid)).ToList();
        await folder.FailAsync([.. silent.Select(record => (record, Reason.SourceUnreadable, "the source gives neither date nor size of it"))], cancellationToken).ConfigureAwait(false);
        return [.. records.Except(silent).Select(record => fresh.TryGetValue(record.Uid, out var summary)
            ? record with { Flags = summary.Flags, InternalDate = summary.InternalDate, Size = summary.Size } : record)];
    }

    /// <param name="wanted">Emptied of what came.</param>
    private async Task FetchAsync(uint[] uids, Dictionary<uint, MessageRecord> wanted, CancellationToken cancellationToken)
    {
        if (uids.Length == 1 && folder.SourceSuspect.IsGuilty(uids[0]))
        {
            wanted.Remove(uids[0], out var poison);
            await folder.FailAsync([(poison!, Reason.SourceUnreadable, "the source closes the connection each time it is asked for")], cancellationToken).ConfigureAwait(false);
            return;
        }
        try
        {
            await source.FetchAsync(uids, new Receiver(this, wanted), cancellationToken).ConfigureAwait(false);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
        {
            // The server refused the fetch as a whole or in part: each message that did not come is asked for by itself.
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Session && uids.Length == 1)
        {
            folder.SourceSuspect.Add(uids[0]);
            throw;
        }
    }

    /// <summary>A message that did not come is gone, or the server does not give it out: two very different
    /// things.</summary>
    private async Task AskAgainAsync(Dictionary<uint, MessageRecord> silent, CancellationToken cancellationToken)
    {
        var listed = (await source.ListUidsAsync(silent.Keys.Min(), cancellationToken).ConfigureAwait(false)).ToHashSet();
        var gone = silent.Values.Where(record => !listed.Contains(record.Uid)).ToList();
        if (gone.Count > 0)
            StableIds.Ensure(source, folder.Mapping.Source.Path, folder.Enumerated!.Value, listed);
        await _checkpoint.VanishAsync(folder.Folder.Id, [.. gone.Select(record => record.Uid)], cancellationToken).ConfigureAwait(false);
        folder.Progress.Vanished(gone.Count);
        foreach (var record in gone)
            silent.Remove(record.Uid);

        foreach (var record in silent.Values.OrderBy(record => record.Uid).ToList())
        {
            var words = "the source lists it but sends nothing";
            try
            {
                await source.FetchAsync([record.Uid], new Receiver(this, silent), cancellationToken).ConfigureAwait(false);
            }
            catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
            {
                words = exception.Message;
            }
            if (silent.Remove(record.Uid))
                await folder.FailAsync([(record, Reason.SourceUnreadable, words)], cancellationToken).ConfigureAwait(false);
        }
    }

    internal static (MessageRecord, Reason, string) Refused(MessageRecord record, long maxSize) => record.Size > maxSize
        ? (record, Reason.TooLarge, $"it has {record.Size:N0} octets, the target takes {maxSize:N0}")
        : (record, Reason.OverQuota, "the target refused a message of this size or a smaller one before, for want of room");

    private sealed class Receiver(Capture capture, Dictionary<uint, MessageRecord> wanted) : IContentReceiver
    {
        public Stream Open(uint? uid, long size) => capture.Spool.Begin();

        public async ValueTask CompleteAsync(uint uid, Stream content, Arrival? arrival, CancellationToken cancellationToken)
        {
            // A server that cannot read a message may give NIL or nothing for it: that is no empty message, and stays wanted.
            if (!wanted.TryGetValue(uid, out var record) || (content.Length == 0 && record.Size > 0))
            {
                await content.DisposeAsync().ConfigureAwait(false);
                return;
            }
            wanted.Remove(uid);
            var entry = capture.Spool.Complete(content);
            capture.Folder.Progress.Captured(entry.Length);
            if (arrival is { } taken)
                capture.Folder.Run.Progress.Dated(taken);
            // First into the hands of replay, then wait for room: the other way round, a message larger than the limit would wait for itself.
            if (!capture.Output.TryWrite(new CapturedMessage(record with { Content = entry.Content, Size = entry.Length, InternalDate = arrival?.Date ?? record.InternalDate }, entry)))
            {
                entry.Dispose();
                throw new OperationCanceledException("Replay has ended.");
            }
            await capture.Folder.Run.Spool.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private SpoolWriter Spool => spool;

    private ChannelWriter<CapturedMessage> Output => output;

    private FolderRun Folder => folder;
}
