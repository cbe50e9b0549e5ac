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

    private readonly Dictionary<ContentId, List<Candidate>> _exact = [];
    private readonly Dictionary<ContentId, List<Candidate>> _canonical = [];
    private readonly Dictionary<ContentId, List<Candidate>> _bodies = [];
    private readonly Dictionary<ContentId, Queue<uint>> _removed = [];
    private readonly SortedDictionary<uint, Candidate> _sent = [];
    private readonly HashSet<uint> _taken = [];
    private uint _lastInOrder;

    private readonly record struct Candidate(uint Uid, DateTimeOffset Date, FlagSet Flags)
    {
        /// <summary>Gone with the next expunge.</summary>
        public bool Deleted => Flags.Contains("\\Deleted");
    }

    public static readonly Adoption None = new();

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
    /// read again.</param>
    /// <param name="wanted">Whether a message of this size and date may be wanted: only those are read.</param>
    /// <param name="sentFrom">Everything from this UID on may be an append of ours that was not recorded, and is read
    /// whatever its size and date: the server may have changed them.</param>
    /// <param name="scanned">What was read before under this UIDVALIDITY and need not be read again; added to.</param>
    public static async Task<Adoption> ScanAsync(
        FolderRun folder, IMailTarget target, IReadOnlyList<uint> unowned, IReadOnlyList<DeliveredCopy> delivered,
        Func<MessageSummary, bool> wanted, uint sentFrom, Dictionary<uint, MessageFingerprint> scanned, CancellationToken cancellationToken)
    {
        var adoption = new Adoption();
        var known = delivered.Where(copy => !copy.Owned).ToLookup(copy => copy.TargetUid, copy => copy.Content);
        foreach (var chunk in unowned.Chunk(Chunk))
        {
            var summaries = new List<MessageSummary>(chunk.Length);
            // A message that the target does not give out, damaged or removed meanwhile, is none that can be adopted.
            await folder.TargetSummaries.AskAsync(chunk, async some => summaries.AddRange(await target.SummarizeAsync(some, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false);
            foreach (var summary in summaries.Where(summary => known.Contains(summary.Uid)))
                Add(adoption._exact, known[summary.Uid].First(), Of(summary));
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
        var removed = delivered.Where(copy => copy.Superseded && !there.Contains(copy.TargetUid)).ToList();
        if (removed.Count == 0)
            return this;
        var adoption = this == None ? new Adoption() : this;
        foreach (var same in removed.GroupBy(copy => copy.Content))
            adoption._removed[same.Key] = new Queue<uint>(same.Select(copy => copy.TargetUid).Order());
        return adoption;
    }

    /// <summary>A message with exactly this content, the one with the same date and flags first, so that each of several twins gets its own copy. One that is marked
    /// as deleted will only do if the message at the source is.</summary>
    public uint? Take(ContentId content, DateTimeOffset date, FlagSet flags) => Take(_exact, content, date, flags);

    /// <summary>The UID of a copy that was delivered and removed at the target since.</summary>
    public uint? TakeRemoved(ContentId content) => _removed.TryGetValue(content, out var uids) && uids.TryDequeue(out var uid) ? uid : null;

    /// <summary>A message that is what a server may have made of this one; only for a message that was sent before and
    /// whose outcome is not known. Where nothing of the content tells, its place among the others does, and its date: they were appended in this order. Whoever takes
    /// it reads it back, so that what is not the same is said.</summary>
    /// <param name="from">The UIDNEXT of the intent.</param>
    public uint? TakeAltered(Stream content, DateTimeOffset date, uint from)
    {
        if (!_sent.Keys.Any(uid => uid >= from && !_taken.Contains(uid)))
            return null;
        var fingerprint = MessageFingerprint.Of(content);
        var uid = Take(_canonical, fingerprint.Canonical, date, FlagSet.None)
            ?? (fingerprint.Body is { } body ? Take(_bodies, body, date, FlagSet.None) : null)
            ?? TakeInOrder(date, from);
        _lastInOrder = Math.Max(_lastInOrder, uid ?? 0);
        return uid;
    }

    /// <summary>The UIDs that were read and not taken, ascending.</summary>
    public IEnumerable<uint> Left() => _exact.Values.SelectMany(list => list).Select(candidate => candidate.Uid).Where(uid => !_taken.Contains(uid)).Order();

    private uint? TakeInOrder(DateTimeOffset date, uint from)
    {
        foreach (var (uid, candidate) in _sent)
        {
            if (uid >= from && uid > _lastInOrder && !_taken.Contains(uid) && !candidate.Deleted && candidate.Date.ToUnixTimeSeconds() == date.ToUnixTimeSeconds())
            {
                _taken.Add(uid);
                return uid;
            }
        }
        return null;
    }

    private uint? Take(Dictionary<ContentId, List<Candidate>> candidates, ContentId content, DateTimeOffset date, FlagSet flags)
    {
        if (!candidates.TryGetValue(content, out var list))
            return null;
        list.RemoveAll(candidate => _taken.Contains(candidate.Uid));
        var index = list.FindIndex(candidate => candidate.Date == date && candidate.Flags == flags);
        if (index < 0)
            index = list.FindIndex(candidate => (candidate.Date == date || candidate.Flags == flags) && MayBe(candidate));
        if (index < 0)
            index = list.FindIndex(MayBe);
        if (index < 0)
            return null;
        var uid = list[index].Uid;
        _taken.Add(uid);
        return uid;

        bool MayBe(Candidate candidate) => !candidate.Deleted || flags.Contains("\\Deleted");
    }

    private static Candidate Of(MessageSummary summary) => new(summary.Uid, summary.InternalDate, summary.Flags);

    private static void Add(Dictionary<ContentId, List<Candidate>> candidates, ContentId content, Candidate candidate)
    {
        if (!candidates.TryGetValue(content, out var list))
            candidates[content] = list = [];
        list.Add(candidate);
    }
}
