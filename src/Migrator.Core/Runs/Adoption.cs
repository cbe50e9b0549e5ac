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
    private readonly HashSet<uint> _taken = [];

    private readonly record struct Candidate(uint Uid, DateTimeOffset Date);

    /// <summary>What was read of a message at the target.</summary>
    public readonly record struct Scanned(ContentId Exact, ContentId Canonical);

    public static readonly Adoption None = new();

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
        IMailTarget target, IReadOnlyList<uint> unowned, IReadOnlyList<DeliveredCopy> delivered,
        Func<MessageSummary, bool> wanted, uint sentFrom, Dictionary<uint, Scanned> scanned, CancellationToken cancellationToken)
    {
        var adoption = new Adoption();
        var known = delivered.Where(copy => !copy.Owned).ToLookup(copy => copy.TargetUid, copy => copy.Content);
        foreach (var chunk in unowned.Chunk(Chunk))
        {
            var summaries = new List<MessageSummary>(chunk.Length);
            // A message that the target does not give out, damaged or removed meanwhile, is none that can be adopted.
            await Piecemeal.AskAsync(chunk, async some => summaries.AddRange(await target.SummarizeAsync(some, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false);
            foreach (var summary in summaries.Where(summary => known.Contains(summary.Uid)))
                adoption.Add(adoption._exact, known[summary.Uid].First(), summary);
            var candidates = summaries.Where(summary => !known.Contains(summary.Uid) && (summary.Uid >= sentFrom || wanted(summary))).ToList();
            await Piecemeal.AskAsync([.. candidates.Select(summary => summary.Uid)], some => target.FetchAsync(
                [.. some.Where(uid => !scanned.ContainsKey(uid))],
                new ContentHasher((uid, content, canonical, _) => scanned[uid] = new Scanned(content, canonical!.Value), canonical: true), cancellationToken)).ConfigureAwait(false);
            foreach (var summary in candidates)
            {
                if (!scanned.TryGetValue(summary.Uid, out var read))
                    continue;
                adoption.Add(adoption._exact, read.Exact, summary);
                if (summary.Uid >= sentFrom)
                    adoption.Add(adoption._canonical, read.Canonical, summary);
            }
        }
        return adoption;
    }

    public bool IsEmpty => _exact.Count == 0;

    /// <summary>A message with exactly this content, the one with the same date first.</summary>
    public uint? Take(ContentId content, DateTimeOffset date) => Take(_exact, content, date);

    /// <summary>A message that is what a server may have made of this one; only for a message that was sent before and
    /// whose outcome is not known.</summary>
    public uint? TakeAltered(Stream content, DateTimeOffset date) =>
        _canonical.Count == 0 ? null : Take(_canonical, ContentHasher.Canonical(content), date);

    /// <summary>The UIDs that were read and not taken, ascending.</summary>
    public IEnumerable<uint> Left() => _exact.Values.SelectMany(list => list).Select(candidate => candidate.Uid).Where(uid => !_taken.Contains(uid)).Order();

    private uint? Take(Dictionary<ContentId, List<Candidate>> candidates, ContentId content, DateTimeOffset date)
    {
        if (!candidates.TryGetValue(content, out var list))
            return null;
        list.RemoveAll(candidate => _taken.Contains(candidate.Uid));
        if (list.Count == 0)
            return null;
        var index = Math.Max(0, list.FindIndex(candidate => candidate.Date == date));
        var uid = list[index].Uid;
        _taken.Add(uid);
        return uid;
    }

    private void Add(Dictionary<ContentId, List<Candidate>> candidates, ContentId content, MessageSummary summary)
    {
        if (!candidates.TryGetValue(content, out var list))
            candidates[content] = list = [];
        list.Add(new Candidate(summary.Uid, summary.InternalDate));
    }
}
