using Migrator.Core.Archives;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <summary>One folder on its way into a snapshot, through as many sessions as it takes.</summary>
/// <param name="before">The same folder in the snapshot that this run carries on; null where it had none.</param>
internal sealed class BackupFolder(MailFolder folder, SnapshotFolder? before, FolderProgress progress) : IResumableWork
{
    private const int Chunk = 1000;

    private readonly Lock _lock = new();
    private readonly Isolation _summaries = new(),
        _flags = new(),
        _fetches = new();
    private readonly Dictionary<Uid, MessageSummary> _wanted = [];
    private readonly List<MessageFailure> _failures = [];
    private readonly Dictionary<ContentId, Queue<ArchivedMessage>> _absent = [];
    private List<ArchivedMessage> _messages = [];
    private UidSet _present = UidSet.Empty;
    private readonly HashSet<Uid> _replaced = [];
    private long _progressVersion;

    public MailFolder Folder => folder;

    public FolderProgress Progress => progress;

    /// <summary>As it was when it was enumerated; null until then.</summary>
    public FolderState? State { get; private set; }

    /// <summary>Why the folder as a whole was given up; null where it was not.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>Messages of the snapshot before that the archive has lost since.</summary>
    public int Lost { get; private set; }

    /// <summary>Messages that the source (POP3) knows by new unique ids, recognised by their content.</summary>
    public int Renamed => _replaced.Count;

    /// <summary>UIDs that the source listed.</summary>
    public IReadOnlyCollection<Uid> Present => _present;

    public long ProgressVersion => Interlocked.Read(ref _progressVersion) + _summaries.Narrowed + _flags.Narrowed + _fetches.Narrowed;

    /// <summary>What is to be fetched, ascending by UID.</summary>
    public IReadOnlyList<MessageSummary> Wanted
    {
        get
        {
            lock (_lock)
                return [.. _wanted.Values.OrderBy(summary => summary.Uid)];
        }
    }

    public IReadOnlyList<MessageFailure> Failures
    {
        get
        {
            lock (_lock)
                return [.. _failures];
        }
    }

    /// <summary>Another connection finds other UIDs in it: what this one lists only this one can fetch.</summary>
    public bool Unsteady { get; set; }

    public bool GiveUp(MailException loss)
    {
        if (Failure is not null || (loss.Reason != Reason.ConnectionLost && loss.Reason != Reason.TemporaryFailure))
            return false;
        Fail(loss);
        return true;
    }

    /// <summary>Forgets what was listed and fetched: the folder is read from its beginning again.</summary>
    public void BeginAnew()
    {
        lock (_lock)
        {
            _wanted.Clear();
            _failures.Clear();
            _messages = [];
        }
        State = null;
        progress.BeginAnew();
    }

    /// <summary>Finds out what is new, what is gone, and which flags changed.</summary>
    public async Task EnumerateAsync(SessionPair sessions, ObjectReader archive, CancellationToken stop)
    {
        progress.Phase = FolderPhase.Copying;
        var source = sessions.Source;
        var (state, uids, kept) = await CompareAsync(sessions, archive, stop);
        var flags = source is IDeletableSource ? [] : await FetchFlagsAsync(source, kept, Since(state), stop);
        for (var index = 0; index < kept.Count; index++)
        {
            if (
                flags.TryGetValue(kept[index].Uid, out var now)
                && !now.ToString().Equals(kept[index].Flags.ToString(), StringComparison.Ordinal)
            )
                kept[index] = kept[index] with { Flags = now };
        }

        var there = kept.Select(message => message.Uid).ToHashSet();
        var fresh = new List<MessageSummary>();
        var (vanished, unreadable) = (0, new List<Uid>());
        foreach (var chunk in uids.Where(uid => !there.Contains(uid)).Chunk(Chunk))
        {
            var summaries = new List<MessageSummary>(chunk.Length);
            await _summaries.AskAsync(chunk, async some => summaries.AddRange(await source.FetchSummariesAsync(some, stop)));
            fresh.AddRange(summaries);
            var silent = chunk.Except(summaries.Select(summary => summary.Uid)).ToList();
            if (silent.Count == 0)
                continue;
            var listed = await source.ListUidsAsync(silent[0], stop);
            unreadable.AddRange(silent.Where(listed.Contains));
            vanished += silent.Count(uid => !listed.Contains(uid));
        }

        // What another server (IMAP) keeps and does not show is no message that may have come back under another name.
        foreach (var message in kept.Where(message => source is IDeletableSource && !uids.Contains(message.Uid)))
            (_absent.TryGetValue(message.Content, out var alike) ? alike : _absent[message.Content] = new()).Enqueue(message);
        (_messages, _present) = (kept, uids);
        State = state;
        foreach (var summary in fresh)
            _wanted.Add(summary.Uid, summary);
        // Counted only now: a connection lost before this point enumerates again.
        progress.Expected = uids.Count;
        progress.Found(uids.Count);
        progress.AlreadyThere(there.Count(uids.Contains));
        progress.Vanished(vanished);
        NoticeOddities(fresh);
        foreach (var uid in unreadable)
            Fail(
                new MessageSummary(uid, 0, FlagSet.None, DateTimeOffset.UnixEpoch),
                Reason.SourceUnreadable,
                "the source returns neither its date nor its size"
            );
        Interlocked.Increment(ref _progressVersion);
    }

    /// <summary>Opens the folder and finds out which messages of the snapshot before are still the same.</summary>
    /// <param name="archive">Null where there is none.</param>
    /// <returns>What the source lists, and what is kept of the snapshot before.</returns>
    public async Task<(FolderState State, UidSet Uids, List<ArchivedMessage> Kept)> CompareAsync(
        SessionPair sessions,
        ObjectReader? archive,
        CancellationToken stop
    )
    {
        var source = sessions.Source;
        var state = await sessions.OpenSourceFolderAsync(folder.Path, stop);
        var uids = await source.ListUidsAsync(1, stop);
        // After a repair that could not save them, pages are not recorded any more: then everything is examined again.
        var carriesOn = CarriesOn(source, state);
        var known =
            archive is not null && before is not null && carriesOn && before.Pages.All(archive.Knows)
                ? await SnapshotPages.ReadAsync(archive, before, stop)
                : [];
        // Messages likewise: no snapshot names again what is in no pack. What the source still has is fetched as if it were new.
        Lost = known.RemoveAll(message => !archive!.Knows(message.Content));
        if (carriesOn ? !await IsSameAsync(source, state, known, uids, stop) : before?.State?.UidValidity == state.UidValidity)
        {
            progress.Run?.Notice(
                $"{folder.Path}: the server was rolled back to an earlier state and has reused UIDs; all its messages are read again."
            );
            known = [];
        }
        // What was downloaded by POP3 and is gone from the server was most likely deleted by us, or by another program that downloaded it.
        // And what is older than what the server shows of the folder may be there all the same.
        var horizon = LimitedView.Horizon(source.Provider, state, uids);
        return (
            state,
            uids,
            source is IDeletableSource ? known : known.FindAll(message => uids.Contains(message.Uid) || message.Uid < horizon)
        );
    }

    /// <summary>The message is in a pack that will be committed before any snapshot.</summary>
    public void Stored(MessageSummary summary, ContentId content, long size, ReceivedDate? arrival)
    {
        var message = new ArchivedMessage(
            summary.Uid,
            content,
            size,
            arrival?.Date ?? summary.InternalDate,
            arrival?.From ?? summary.Origin,
            summary.Flags
        );
        var renamed = false;
        lock (_lock)
        {
            _wanted.Remove(summary.Uid);
            // A mailbox that moved to another server, or a server that gives other unique ids than before: what is kept of messages that
            // are gone must not be doubled by the same messages. One for one, so that twins stay two.
            if (_absent.TryGetValue(content, out var alike) && alike.TryDequeue(out var known))
            {
                renamed = _replaced.Add(known.Uid);
                message = known with { Uid = summary.Uid };
            }
            _messages.Add(message);
        }
        if (renamed)
            progress.AlreadyThere(1);
        else
            progress.Delivered(1, size);
    }

    /// <summary>It was removed at the source before it was fetched.</summary>
    public void Vanished(Uid uid)
    {
        lock (_lock)
            _wanted.Remove(uid);
        progress.Vanished(1);
    }

    public void Fail(MessageSummary summary, Reason reason, string detail)
    {
        lock (_lock)
        {
            _wanted.Remove(summary.Uid);
            _failures.Add(new MessageFailure(folder.Path, summary.Uid, null, summary.Size, Failure.Of(reason, detail)));
        }
        progress.Failed(1, reason.Code);
    }

    public void Fail(MailException exception)
    {
        Failure = Failure.Of(exception);
        if (State is null)
            progress.Found(progress.Expected);
        progress.GivenUp(exception.Reason.Code);
    }

    /// <summary>The messages that are in packs by now, ascending by UID; null where the folder could not be read at all.</summary>
    public IReadOnlyList<ArchivedMessage>? Messages()
    {
        if (State is null)
            return null;
        lock (_lock)
            return [.. _messages.Where(message => !_replaced.Contains(message.Uid)).OrderBy(message => message.Uid)];
    }

    private void NoticeOddities(List<MessageSummary> fresh)
    {
        foreach (var odd in fresh.Where(summary => summary.OddDate is not null).GroupBy(summary => summary.DateOrigin))
            progress.Run?.Notice(
                $"{folder.Path}: the source has no valid date for {Listed(odd)}, for example {odd.First().OddDate}. Date stored: {odd.Key}."
            );
        var flagged = fresh.FindAll(summary => summary.OddFlags is not null);
        if (flagged.Count > 0)
            progress.Run?.Notice($"{folder.Path}: invalid flags were left out for {Listed(flagged)}, for example {flagged[0].OddFlags}.");

        static string Listed(IEnumerable<MessageSummary> summaries)
        {
            const int most = 20;
            List<Uid> uids = [.. summaries.Select(summary => summary.Uid).Order()];
            return $"{uids.Count:N0} message{(uids.Count == 1 ? "" : "s")} (UID "
                + $"{string.Join(", ", uids.Take(most))}{(uids.Count > most ? ", …" : "")})";
        }
    }

    /// <summary>From which mod-sequence on flags are news. Lower than it was, it has begun again, and nothing is known.</summary>
    private ulong Since(FolderState state) =>
        before?.State is { } then && then.HighestModSeq <= state.HighestModSeq && !HighWaterMark.Of(then).HasStuckModSeq(state)
            ? then.HighestModSeq
            : 0;

    /// <summary>Another UIDVALIDITY, or one whose UIDs were given again, means other messages: all are fetched, and what the archive holds
    /// takes no room again.</summary>
    private bool CarriesOn(IMailSource source, FolderState state) =>
        before?.State is { } then
        && then.UidValidity == state.UidValidity
        && (source is IDeletableSource || (state.UidValidity.IsKnown && !HighWaterMark.Of(then).IsAheadOf(state)));

    private async Task<bool> IsSameAsync(
        IMailSource source,
        FolderState state,
        List<ArchivedMessage> known,
        UidSet uids,
        CancellationToken stop
    )
    {
        if (source is IDeletableSource || (state.HighestModSeq > 0 && before?.State == state))
            return true;
        var highest = known
            .Where(message => uids.Contains(message.Uid))
            .OrderByDescending(message => message.Uid)
            .Select(message => (message.Uid, message.Content));
        return await Sentinel.IsSameAsync(source, _fetches, highest, stop) ?? true;
    }

    private async Task<Dictionary<Uid, FlagSet>> FetchFlagsAsync(
        IMailSource source,
        List<ArchivedMessage> kept,
        ulong since,
        CancellationToken stop
    )
    {
        var flags = new Dictionary<Uid, FlagSet>();
        foreach (var chunk in kept.Select(message => message.Uid).Chunk(10 * Chunk))
        {
            var unreadable = await _flags.AskAsync(
                chunk,
                async some =>
                {
                    foreach (var (uid, now) in await source.FetchFlagsAsync(some, since, stop))
                        flags[uid] = now;
                }
            );
            if (unreadable.Count > 0)
                progress.Run?.Notice(
                    $"{folder.Path}: the source does not return the flags of UID "
                        + $"{string.Join(", ", unreadable.Take(20))}{(unreadable.Count > 20 ? " and others" : "")}; the snapshot "
                        + "keeps those of before."
                );
        }
        return flags;
    }
}
