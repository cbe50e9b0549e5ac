using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>The messages of a target folder that no record accounts for, by content: what an interrupted append left
/// there, what another tool brought, what was delivered of a message that has since left its source folder or was
/// renumbered in it. A message that is about to be
/// appended and is among them is adopted instead, one for one, so that nothing is delivered twice and twins stay
/// two.</summary>
internal sealed class Adoption
{
    private const int Chunk = 1000;

    private readonly Dictionary<ContentId, Candidates> _exact = [];
    private readonly Dictionary<ContentId, Candidates> _canonical = [];
    private readonly Dictionary<ContentId, Candidates> _bodies = [];
    private readonly Dictionary<ContentId, Queue<uint>> _removed = [];
    private readonly SortedDictionary<uint, Candidate> _sent = [];
    private readonly HashSet<uint> _taken = [];

    public static readonly Adoption None = new();

    /// <summary>A message that was found.</summary>
    /// <param name="Altered">Not with the octets of the source.</param>
    public readonly record struct Copy(uint Uid, bool Altered);

    private readonly record struct Candidate(uint Uid, DateTimeOffset Date, FlagSet Flags, bool Altered)
    {
        /// <summary>Gone with the next expunge.</summary>
        public bool Deleted => Flags.Contains("\\Deleted");

        public bool HasDate(DateTimeOffset date) => Date.ToUnixTimeSeconds() == date.ToUnixTimeSeconds();
    }

    /// <summary>In the order of UIDs. Those at its beginning that are taken are passed over for good, so that thousands of twins cost no more than as many others.</summary>
    private sealed class Candidates
    {
        private readonly List<Candidate> _list = [];
        private int _first;

        public void Add(Candidate candidate) => _list.Add(candidate);

        public IEnumerable<Candidate> Left(HashSet<uint> taken)
        {
            while (_first < _list.Count && taken.Contains(_list[_first].Uid))
                _first++;
            for (var index = _first; index < _list.Count; index++)
            {
                if (!taken.Contains(_list[index].Uid))
                    yield return _list[index];
            }
        }
    }

    public bool IsEmpty => _exact.Count == 0 && _removed.Count == 0;

    /// <summary>What the records do not account for.</summary>
    /// <param name="uids">What the open target folder holds.</param>
    /// <param name="delivered">What was delivered to it, by the records.</param>
    public static IReadOnlyList<uint> Unowned(IReadOnlyList<uint> uids, IReadOnlyList<DeliveredCopy> delivered)
    {
        var owned = delivered.Where(copy => copy.Owned).Select(copy => copy.TargetUid).ToHashSet();
        return [.. uids.Where(uid => !owned.Contains(uid))];
    }

    /// <param name="unowned">Messages of the open target folder.</param>
    /// <param name="delivered">What was delivered to it, by the records: what no message of the source owns any more need not be
    /// read again where it was inspected.</param>
    /// <param name="wanted">Whether a message of this size and date may be wanted: only those are read.</param>
    /// <param name="sentFrom">Everything from this UID on may be an append of ours that was not recorded, and is read
    /// whatever its size and date: the server may have changed them.</param>
    /// <param name="scanned">What was read before under this UIDVALIDITY and need not be read again; added to.</param>
    public static async Task<Adoption> ScanAsync(
        FolderRun folder, IMailTarget target, IReadOnlyList<uint> unowned, IReadOnlyList<DeliveredCopy> delivered,
        Func<MessageSummary, bool> wanted, uint sentFrom, Dictionary<uint, MessageFingerprint> scanned, CancellationToken cancellationToken)
    {
        var adoption = new Adoption();
        var known = delivered.Where(copy => !copy.Owned && copy.Stored is not null).ToLookup(copy => copy.TargetUid);
        foreach (var chunk in unowned.Chunk(Chunk))
        {
            var summaries = new List<MessageSummary>(chunk.Length);
            // A message that the target does not give out, damaged or removed meanwhile, is none that can be adopted.
            await folder.TargetSummaries.AskAsync(chunk, async some => summaries.AddRange(await target.SummarizeAsync(some, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false);
            foreach (var summary in summaries.Where(summary => known.Contains(summary.Uid)))
            {
                var copy = known[summary.Uid].First();
                Add(adoption._exact, copy.Content, Of(summary) with { Altered = copy.Stored != copy.Content });
            }
            var candidates = summaries.Where(summary => !known.Contains(summary.Uid) && (summary.Uid >= sentFrom || wanted(summary))).ToList();
            await folder.TargetFetches.AskAsync([.. candidates.Select(summary => summary.Uid).Where(uid => !scanned.ContainsKey(uid))], some => target.FetchAsync(
                [.. some.Where(uid => !scanned.ContainsKey(uid))], new FingerprintHasher((uid, fingerprint) => scanned[uid] = fingerprint), cancellationToken)).ConfigureAwait(false);
            foreach (var summary in candidates)
            {
                if (!scanned.TryGetValue(summary.Uid, out var read))
                    continue;
                Add(adoption._exact, read.Exact, Of(summary));
                if (summary.Uid < sentFrom)
                    continue;
                Add(adoption._canonical, read.Canonical, Of(summary));
                if (read.Body is { } body)
                    Add(adoption._bodies, body, Of(summary));
                adoption._sent[summary.Uid] = Of(summary);
            }
        }
        return adoption;
    }

    /// <summary>What was delivered under an earlier numbering of the source and is no longer there: whoever uses the target has removed it, and a renumbered
    /// source is no reason to bring it back.</summary>
    /// <param name="uids">What the target folder holds.</param>
    public Adoption WithRemoved(IReadOnlyList<DeliveredCopy> delivered, IReadOnlyList<uint> uids)
    {
        var there = uids.ToHashSet();
        there.UnionWith(delivered.Where(copy => copy.Owned).Select(copy => copy.TargetUid));
        // What nobody ever saw at the target was not removed there by its user.
        var removed = delivered.Where(copy => copy is { Superseded: true, Stored: not null } && !there.Contains(copy.TargetUid)).DistinctBy(copy => copy.TargetUid).ToList();
        if (removed.Count == 0)
            return this;
        var adoption = this == None ? new Adoption() : this;
        foreach (var same in removed.GroupBy(copy => copy.Content))
            adoption._removed[same.Key] = new Queue<uint>(same.Select(copy => copy.TargetUid).Order());
        return adoption;
    }

    /// <summary>A message with exactly this content, the one with the same date and flags first, so that each of several twins gets its own copy. One that is marked
    /// as deleted will only do if the message at the source is.</summary>
    /// <param name="stored">What the target made of it when it was delivered before; null for nothing else.</param>
    public Copy? Take(ContentId content, ContentId? stored, DateTimeOffset date, FlagSet flags) =>
        Take(_exact, content, date, flags, anyDate: true) ?? (stored is { } altered && Take(_exact, altered, date, flags, anyDate: true) is { } copy ? copy with { Altered = true } : null);

    /// <summary>The UID of a copy that was delivered and removed at the target since.</summary>
    public uint? TakeRemoved(ContentId content) => _removed.TryGetValue(content, out var uids) && uids.TryDequeue(out var uid) ? uid : null;

    /// <summary>A message that is what a server may have made of this one; only for a message that was sent before and
    /// whose outcome is not known. Where nothing of the content tells, its place among the others does, and its date: they were appended in this order. Whoever takes
    /// it reads it back, so that what is not the same is said.</summary>
    /// <param name="from">The UIDNEXT of the intent.</param>
    public uint? TakeAltered(Stream content, DateTimeOffset date, uint from)
    {
        if (!_sent.Keys.Any(uid => uid >= from))
            return null;
        var fingerprint = MessageFingerprint.Of(content);
        var uid = Take(_canonical, fingerprint.Canonical, date, FlagSet.None, anyDate: true)?.Uid
            // A body alone may be that of a stranger's message of the same kind: of those, none has the date of this one.
            ?? (fingerprint.Body is { } body ? Take(_bodies, body, date, FlagSet.None, anyDate: false)?.Uid : null)
            // Where the target has renumbered its messages, their order tells nothing.
            ?? (from > 0 ? TakeInOrder(date, from) : null);
        // What lies before it was appended before it.
        foreach (var earlier in _sent.Keys.TakeWhile(earlier => earlier <= (uid ?? 0)).ToList())
            _sent.Remove(earlier);
        return uid;
    }

    /// <summary>The UIDs that were read and not taken, ascending.</summary>
    public IEnumerable<uint> Left() => _exact.Values.SelectMany(list => list.Left(_taken)).Select(candidate => candidate.Uid).Order();

    private uint? TakeInOrder(DateTimeOffset date, uint from)
    {
        foreach (var (uid, candidate) in _sent)
        {
            if (uid >= from && !_taken.Contains(uid) && !candidate.Deleted && candidate.HasDate(date))
            {
                _taken.Add(uid);
                return uid;
            }
        }
        return null;
    }

    private Copy? Take(Dictionary<ContentId, Candidates> candidates, ContentId content, DateTimeOffset date, FlagSet flags, bool anyDate)
    {
        if (!candidates.TryGetValue(content, out var same))
            return null;
        Candidate? best = null;
        var rank = 0;
        foreach (var candidate in same.Left(_taken))
        {
            if (candidate.Deleted && !flags.Contains("\\Deleted"))
                continue;
            var (dated, flagged) = (candidate.HasDate(date), candidate.Flags == flags);
            if (!dated && !anyDate)
                continue;
            var now = 1 + (dated || flagged ? 1 : 0) + (dated && flagged ? 1 : 0);
            if (now > rank)
                (best, rank) = (candidate, now);
            if (rank == 3)
                break;
        }
        if (best is not { } found)
            return null;
        _taken.Add(found.Uid);
        return new Copy(found.Uid, found.Altered);
    }

    private static Candidate Of(MessageSummary summary) => new(summary.Uid, summary.InternalDate, summary.Flags, Altered: false);

    private static void Add(Dictionary<ContentId, Candidates> candidates, ContentId content, Candidate candidate)
    {
        if (!candidates.TryGetValue(content, out var list))
            candidates[content] = list = new Candidates();
        list.Add(candidate);
    }
}
