using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Core.Runs;

namespace Migrator.Core.Backups;

/// <summary>One folder on its way into a snapshot, through as many sessions as it takes.</summary>
/// <param name="before">The same folder in the snapshot that this run carries on; null where it had none.</param>
internal sealed class BackupFolder(MailFolder folder, SnapshotFolder? before, FolderProgress progress) : IWork
{
    private const int Chunk = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<uint, MessageSummary> _wanted = [];
    private readonly List<MessageFailure> _failures = [];
    private List<ArchivedMessage> _messages = [];
    private long _headway;

    public MailFolder Folder => folder;

    public FolderProgress Progress => progress;

    /// <summary>As it was when it was enumerated; null until then.</summary>
    public FolderState? State { get; private set; }

    /// <summary>Why the folder as a whole was given up; null where it was not.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>Messages of the snapshot before that the archive has lost since.</summary>
    public int Lost { get; private set; }

    public long Headway => Interlocked.Read(ref _headway);

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
    public async Task EnumerateAsync(LaneSessions sessions, ObjectReader archive, CancellationToken stop)
    {
        progress.Phase = FolderPhase.Copying;
        var source = sessions.Source;
        var state = await sessions.OpenSourceFolderAsync(folder.Path, stop).ConfigureAwait(false);
        var uids = await source.ListUidsAsync(1, stop).ConfigureAwait(false);
        var present = uids.ToHashSet();
        // Another UIDVALIDITY means other messages, whatever their UIDs: all are fetched, and what the archive holds takes no room again.
        var carriesOn = before?.State?.UidValidity == state.UidValidity;
        // After a repair that could not save them, pages are on no record any more: then everything is looked at anew.
        var known = carriesOn && before!.Pages.All(archive.Knows) ? await SnapshotPages.ReadAsync(archive, before, stop).ConfigureAwait(false) : [];
        // Messages likewise: no snapshot names again what is in no pack. What the source still has is fetched as if it were new.
        Lost = known.RemoveAll(message => !archive.Knows(message.Content));
        // What was downloaded by POP3 and is gone from the server was most likely deleted by us, or by another program that downloaded it.
        var kept = source is IRemovableSource ? known : known.FindAll(message => present.Contains(message.Uid));
        var flags = source is IRemovableSource ? [] : await FlagsAsync(source, kept, Since(state), stop).ConfigureAwait(false);
        for (var index = 0; index < kept.Count; index++)
        {
            if (flags.TryGetValue(kept[index].Uid, out var now) && !now.ToString().Equals(kept[index].Flags.ToString(), StringComparison.Ordinal))
                kept[index] = kept[index] with { Flags = now };
        }

        var there = kept.Select(message => message.Uid).ToHashSet();
        var fresh = new List<MessageSummary>();
        var (vanished, unreadable) = (0, new List<uint>());
        foreach (var chunk in uids.Where(uid => !there.Contains(uid)).Chunk(Chunk))
        {
            var summaries = await source.SummarizeAsync(chunk, stop).ConfigureAwait(false);
            fresh.AddRange(summaries);
            var silent = chunk.Except(summaries.Select(summary => summary.Uid)).ToList();
            if (silent.Count == 0)
                continue;
            var listed = (await source.ListUidsAsync(silent[0], stop).ConfigureAwait(false)).ToHashSet();
            unreadable.AddRange(silent.Where(listed.Contains));
            vanished += silent.Count(uid => !listed.Contains(uid));
        }

        _messages = kept;
        State = state;
        foreach (var summary in fresh)
            _wanted.Add(summary.Uid, summary);
        // Counted only now: a connection lost before this point enumerates anew.
        progress.Expected = uids.Count;
        progress.Found(uids.Count);
        progress.AlreadyThere(there.Count(present.Contains));
        progress.Vanished(vanished);
        foreach (var uid in unreadable)
            Fail(new MessageSummary(uid, 0, FlagSet.None, DateTimeOffset.UnixEpoch), Reason.SourceUnreadable, "the source gives neither date nor size of it");
        Interlocked.Increment(ref _headway);
    }

    /// <summary>The message is in a pack that will be committed before any snapshot.</summary>
    public void Stored(MessageSummary summary, ContentId content, long size, Arrival? arrival)
    {
        lock (_lock)
        {
            _wanted.Remove(summary.Uid);
            _messages.Add(new ArchivedMessage(summary.Uid, content, size, arrival?.Date ?? summary.InternalDate, arrival?.From, summary.Flags));
        }
        progress.Delivered(1, size);
    }

    /// <summary>It was removed at the source before it was fetched.</summary>
    public void Vanished(uint uid)
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
            _failures.Add(new MessageFailure(folder.Path, summary.Uid, null, summary.Size, new Failure(reason.Code, detail, reason.Hint)));
        }
        progress.Failed(1, reason.Code);
    }

    public void Fail(MailException exception)
    {
        Failure = new Failure(exception.Reason.Code, exception.Message, exception.Reason.Hint);
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
            return [.. _messages.OrderBy(message => message.Uid)];
    }

    /// <summary>From which mod-sequence on flags are news. Lower than it was, it has begun anew, and nothing is known.</summary>
    private ulong Since(FolderState state) => before?.State?.HighestModSeq is { } known && known <= state.HighestModSeq ? known : 0;

    private static async Task<Dictionary<uint, FlagSet>> FlagsAsync(IMailSource source, List<ArchivedMessage> kept, ulong since, CancellationToken stop)
    {
        var flags = new Dictionary<uint, FlagSet>();
        foreach (var chunk in kept.Select(message => message.Uid).Chunk(10 * Chunk))
        {
            foreach (var (uid, now) in await source.FlagsAsync(chunk, since, stop).ConfigureAwait(false))
                flags[uid] = now;
        }
        return flags;
    }
}
