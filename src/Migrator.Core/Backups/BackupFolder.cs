using System.Collections.Frozen;
using System.Runtime.CompilerServices;
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
    private const int MostFlags = 10 * Chunk;

    private readonly Lock _lock = new();
    private readonly Isolation _summaries = new(),
        _flags = new(),
        _fetches = new();
    private readonly List<WantedMessages> _wanted = [];
    private readonly List<MessageFailure> _failures = [];
    private readonly List<Uid> _vanished = [];
    private readonly Dictionary<ContentId, List<ArchivedMessage>> _absent = [];
    private IReadOnlyDictionary<Uid, Uid> _leavingMarks = FrozenDictionary<Uid, Uid>.Empty;
    private readonly HashSet<Uid> _replaced = [];

    // Since pages were written last: those of a snapshot on the way take them, so that they are never many.
    private readonly List<ArchivedMessage> _stored = [];
    private KnownMessages _known = KnownMessages.None;
    private UidSet _present = UidSet.Empty;
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

    /// <summary>UIDs that the source listed, of messages that did not fail. To be asked once all is fetched: then they are
    /// stored.</summary>
    public UidSet ListedAndStored
    {
        get
        {
            lock (_lock)
                return _present.Except(UidSet.Of(_failures.Select(failure => failure.Uid)));
        }
    }

    public long ProgressVersion => Interlocked.Read(ref _progressVersion) + _summaries.Narrowed + _flags.Narrowed + _fetches.Narrowed;

    /// <summary>What was to be fetched when the folder was enumerated, ascending by UID.</summary>
    public IReadOnlyList<WantedMessages> Wanted
    {
        get
        {
            lock (_lock)
                return [.. _wanted];
        }
    }

    /// <summary>Messages that need not be fetched any more, or cannot be.</summary>
    public UidSet Settled
    {
        get
        {
            lock (_lock)
                return _known.Kept.Union(
                    UidSet.Of(
                        _stored
                            .Select(message => message.Uid)
                            .Concat(_vanished)
                            .Concat(_failures.Select(failure => failure.Uid).OfType<Uid>())
                    )
                );
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
            _vanished.Clear();
            _stored.Clear();
            _known = KnownMessages.None;
        }
        State = null;
        progress.BeginAnew();
    }

    /// <summary>Finds out what is new, what is gone, and which flags changed.</summary>
    /// <param name="uidMap">As it is once the folder is open.</param>
    public async Task EnumerateAsync(
        SessionPair sessions,
        ObjectReader archive,
        Func<IReadOnlyList<UidMapEntry>> uidMap,
        CancellationToken stop
    )
    {
        progress.Phase = FolderPhase.Copying;
        var source = sessions.Source;
        var (state, uids, kept) = await CompareAsync(sessions, archive, stop);
        if (source is not IDeletableSource)
            kept = await WithFlagsAsync(source, archive, kept, Since(state), stop);

        var (wanted, oddities) = (new List<WantedMessages>(), new Oddities());
        var (vanished, unreadable) = (0, new List<Uid>());
        foreach (var chunk in uids.Except(kept.Kept).Chunk(Chunk))
        {
            var summaries = new List<MessageSummary>(chunk.Length);
            await _summaries.AskAsync(chunk, async some => summaries.AddRange(await source.FetchSummariesAsync(some, stop)));
            summaries.Sort((one, other) => one.Uid.CompareTo(other.Uid));
            wanted.Add(new WantedMessages(summaries));
            oddities.Add(summaries);
            var silent = chunk.Except(summaries.Select(summary => summary.Uid)).ToList();
            if (silent.Count == 0)
                continue;
            var listed = await source.ListUidsAsync(silent[0], stop);
            unreadable.AddRange(silent.Where(listed.Contains));
            vanished += silent.Count(uid => !listed.Contains(uid));
        }

        // What another server (IMAP) keeps and does not show is no message that may have come back under another name.
        if (source is IDeletableSource)
        {
            _leavingMarks = UidMapMark.LeavingMarks(uidMap());
            await foreach (var messages in kept.ReadAsync(archive, kept.Kept.Except(uids), stop))
            {
                foreach (var message in messages)
                    (_absent.TryGetValue(message.Content, out var alike) ? alike : _absent[message.Content] = []).Add(message);
            }
        }
        lock (_lock)
        {
            (_known, _present) = (kept, uids);
            _wanted.AddRange(wanted);
        }
        State = state;
        // Counted only now: a connection lost before this point enumerates again.
        progress.Expected = uids.Count;
        progress.Found(uids.Count);
        progress.AlreadyThere(kept.Kept.Intersect(uids).Count);
        progress.Vanished(vanished);
        foreach (var notice in oddities.Notices(folder.Path))
            progress.Run?.Notice(notice);
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
    public async Task<(FolderState State, UidSet Uids, KnownMessages Kept)> CompareAsync(
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
        var known = KnownMessages.None;
        if (archive is not null && before is not null && carriesOn && before.Pages.All(archive.Knows))
            (known, Lost) = await OpenAsync(archive, before, stop);
        else
            Lost = 0;
        if (carriesOn ? !await IsSameAsync(source, archive, state, known, uids, stop) : before?.State?.UidValidity == state.UidValidity)
        {
            progress.Run?.Notice(
                $"{folder.Path}: the server was rolled back to an earlier state and has reused UIDs; all its messages are read again."
            );
            known = KnownMessages.None;
        }
        // What was downloaded by POP3 and is gone from the server was most likely deleted by us, or by another program that downloaded it.
        // And what is older than what the server shows of the folder may be there all the same.
        var horizon = LimitedView.Horizon(source.Provider, state, uids);
        return (
            state,
            uids,
            source is IDeletableSource ? known
            : horizon.Value > 1 ? known.Keeping(uids.Union(UidSet.Of([new UidRange(Uid.Min, horizon.Value - 1)])))
            : known.Keeping(uids)
        );
    }

    /// <summary>No snapshot names again what is in no pack: what the archive has lost and the source still has is fetched as if it were
    /// new. To look for a million messages takes seconds: not where all were there, and no pack has gone since.</summary>
    private static async Task<(KnownMessages Known, int Lost)> OpenAsync(
        ObjectReader archive,
        SnapshotFolder before,
        CancellationToken stop
    )
    {
        var (pages, losses) = (SnapshotPages.IdOf(before.Pages), archive.Index.Losses);
        var isWhole = archive.Index.IsWhole(pages);
        var (known, lost) = await KnownMessages.OpenAsync(archive, before, lookUp: !isWhole, stop);
        if (!isWhole && lost == 0)
            archive.Index.NoteWhole(pages, losses);
        return (known, lost);
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
            // A mailbox that moved to another server, or a server that gives other unique ids than before: what is kept of messages that
            // are gone must not be doubled by the same messages. One for one, so that twins stay two.
            if (
                _absent.TryGetValue(content, out var alike)
                && alike.FindIndex(known => !WereListedTogether(known.Uid, summary.Uid)) is >= 0 and var place
            )
            {
                var known = alike[place];
                alike.RemoveAt(place);
                renamed = _replaced.Add(known.Uid);
                message = known with { Uid = summary.Uid };
            }
            _stored.Add(message);
        }
        if (renamed)
            progress.AlreadyThere(1);
        else
            progress.Delivered(1, size);
    }

    private bool WereListedTogether(Uid deleted, Uid other) => _leavingMarks.TryGetValue(deleted, out var mark) && other < mark;

    /// <summary>It was removed at the source before it was fetched.</summary>
    public void Vanished(Uid uid)
    {
        lock (_lock)
            _vanished.Add(uid);
        progress.Vanished(1);
    }

    public void Fail(MessageSummary summary, Reason reason, string detail)
    {
        lock (_lock)
            _failures.Add(new MessageFailure(folder.Path, summary.Uid, null, summary.Size, Failure.Of(reason, detail)));
        progress.Failed(1, reason.Code);
    }

    public void Fail(MailException exception)
    {
        Failure = Failure.Of(exception);
        if (State is null)
            progress.Found(progress.Expected);
        progress.GivenUp(exception.Reason.Code);
    }

    /// <summary>What is in pages and packs by now; null where the folder could not be read at all.</summary>
    public FolderContents? Contents()
    {
        if (State is null)
            return null;
        lock (_lock)
        {
            _stored.Sort((one, other) => one.Uid.CompareTo(other.Uid));
            return new FolderContents(_known.Without(UidSet.Of(_replaced)), [.. _stored]);
        }
    }

    /// <summary>A snapshot names what the folder holds: it need not be kept here any more.</summary>
    /// <param name="pages">Of that snapshot.</param>
    /// <param name="contents">What is in them.</param>
    public void Recorded(IReadOnlyList<KnownPage> pages, FolderContents contents)
    {
        var taken = UidSet.Of(contents.Stored.Select(message => message.Uid));
        lock (_lock)
        {
            _stored.RemoveAll(message => taken.Contains(message.Uid));
            _known = KnownMessages.Of(pages, contents.Known.Kept.Union(taken));
        }
    }

    /// <summary>Those of these messages that are stored, some at a time.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ArchivedMessage>> FindAsync(
        ObjectReader archive,
        UidSet uids,
        [EnumeratorCancellation] CancellationToken stop
    )
    {
        if (Contents() is not { } contents)
            yield break;
        yield return [.. contents.Stored.Where(message => uids.Contains(message.Uid))];
        await foreach (var messages in contents.Known.ReadAsync(archive, uids, stop))
            yield return messages;
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
        ObjectReader? archive,
        FolderState state,
        KnownMessages known,
        UidSet uids,
        CancellationToken stop
    )
    {
        if (source is IDeletableSource || archive is null || (state.HighestModSeq > 0 && before?.State == state))
            return true;
        var highest = await known.HighestAsync(archive, uids, Sentinel.Most, stop);
        return await Sentinel.IsSameAsync(source, _fetches, highest.Select(message => (message.Uid, message.Content)), stop) ?? true;
    }

    private async Task<KnownMessages> WithFlagsAsync(
        IMailSource source,
        ObjectReader archive,
        KnownMessages kept,
        ulong since,
        CancellationToken stop
    )
    {
        var asked = kept.Kept;
        // In a large folder little changes: the server is asked first for which messages, and not for parts of all of them.
        if (since > 0 && asked.Count > MostFlags && await source.ChangedSinceAsync(since, stop) is { } changed)
            asked = asked.Intersect(changed);
        foreach (var chunk in asked.Chunk(MostFlags))
        {
            var flags = new Dictionary<Uid, FlagSet>();
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
            kept = await kept.WithAsync(archive, flags, stop);
        }
        return kept;
    }
}
