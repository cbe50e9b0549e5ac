using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>The messages of a target folder that no record accounts for, by content: what an interrupted append left
/// there, what another tool brought, what was delivered of a message that has since left its source folder or was
/// renumbered in it. A message that is about to be
/// appended and is among them is adopted instead, one for one, so that nothing is delivered twice and twins stay
/// two.</summary>
internal sealed class TargetMatcher
{
    private const int Chunk = 1000;

    private readonly Dictionary<ContentId, Candidates> _exact = [];
    private readonly Dictionary<ContentId, Candidates> _canonical = [];
    private readonly Dictionary<ContentId, Candidates> _bodies = [];
    private readonly Dictionary<ContentId, Candidates> _parts = [];
    private readonly Dictionary<ContentId, Queue<TargetUid>> _removed = [];
    private readonly List<Candidate> _sent = [];
    private readonly HashSet<Uid> _taken = [];
    private UidSet _arrivals = UidSet.Empty;

    // Built when it is needed: only imports ask.
    private ILookup<long, Candidate>? _dated;

    // Only what arrived just now shows that a target keeps none: a stranger's message has another date.
    private bool _keepsDates;

    public static readonly TargetMatcher None = new();

    /// <summary>A message that was found.</summary>
    /// <param name="Altered">Not with the bytes of the source.</param>
    /// <param name="Content">Its bytes; not set where it was not read.</param>
    /// <param name="WasOurs"><see cref="MessageRecord.IsOurs"/> of the message that it was of before.</param>
    public readonly record struct Copy(TargetUid Uid, bool Altered, ContentId Content = default, bool WasOurs = false);

    private readonly record struct Candidate(Uid Uid, DateTimeOffset Date, FlagSet Flags, bool Altered, MessageIdentity Identity)
    {
        public MessageParts? Parts { get; init; }

        public ContentId Content { get; init; }

        public bool WasOurs { get; init; }

        /// <summary>Gone with the next expunge.</summary>
        public bool Deleted => Flags.Contains("\\Deleted");

        public bool HasDate(DateTimeOffset date) => Date.ToUnixTimeSeconds() == date.ToUnixTimeSeconds();
    }

    /// <summary>In the order of UIDs. Those at its beginning that are taken are skipped for good, so that thousands of twins cost no
    /// more than as many others.</summary>
    private sealed class Candidates
    {
        private readonly List<Candidate> _list = [];
        private int _first;

        public void Add(Candidate candidate) => _list.Add(candidate);

        public IEnumerable<Candidate> Left(HashSet<Uid> taken)
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
    public static UidSet Unowned(UidSet uids, IReadOnlyList<DeliveredCopy> delivered) =>
        uids.Except(UidSet.Of(delivered.Where(copy => copy.Owned).Select(copy => copy.TargetUid.Uid)));

    /// <param name="unowned">Messages of the open target folder.</param>
    /// <param name="former">What was delivered to it and no message of the source owns any more: it need not be read again where it was
    /// inspected.</param>
    /// <param name="wanted">Whether a message of this size and date may be wanted: only those are read.</param>
    /// <param name="sentFrom">Everything from this UID on may be an append of ours that was not recorded, and is read
    /// whatever its size and date: the server may have changed them.</param>
    /// <param name="scanned">What was read before under this UIDVALIDITY and need not be read again; added to.</param>
    public static async Task<TargetMatcher> ScanAsync(
        FolderCopyState folder,
        IMailTarget target,
        UidSet unowned,
        IReadOnlyList<DeliveredCopy> former,
        Func<MessageSummary, bool> wanted,
        TargetUid sentFrom,
        Dictionary<Uid, MessageFingerprint> scanned,
        CancellationToken cancellationToken
    )
    {
        var matcher = new TargetMatcher { _arrivals = unowned.From(sentFrom.Uid) };
        var known = former.Where(copy => copy.Stored is not null).ToLookup(copy => copy.TargetUid.Uid);
        foreach (var chunk in unowned.Chunk(Chunk))
        {
            var summaries = new List<MessageSummary>(chunk.Length);
            // A message that the target does not return, damaged or removed meanwhile, is none that can be adopted.
            await folder.TargetSummaries.AskAsync(
                chunk,
                async some => summaries.AddRange(await target.FetchSummariesAsync(some, cancellationToken))
            );
            foreach (var summary in summaries.Where(summary => known.Contains(summary.Uid)))
            {
                var copy = known[summary.Uid].First();
                Add(matcher._exact, copy.Content, Of(summary) with { Altered = copy.Stored != copy.Content, WasOurs = copy.IsOurs });
            }
            var candidates = summaries
                .Where(summary => !known.Contains(summary.Uid) && (summary.Uid >= sentFrom.Uid || wanted(summary)))
                .ToList();
            await folder.TargetFetches.AskAsync(
                [.. candidates.Select(summary => summary.Uid).Where(uid => !scanned.ContainsKey(uid))],
                some =>
                    target.FetchAsync(
                        [.. some.Where(uid => !scanned.ContainsKey(uid))],
                        new FingerprintHasher((uid, fingerprint) => scanned[uid] = fingerprint, folder.ComparesParts),
                        cancellationToken
                    )
            );
            foreach (var summary in candidates)
            {
                if (!scanned.TryGetValue(summary.Uid, out var read))
                    continue;
                var candidate = Of(summary) with { Identity = read.Identity, Parts = read.Parts, Content = read.Exact };
                Add(matcher._exact, read.Exact, candidate);
                foreach (var key in read.Parts?.Keys ?? [])
                    Add(matcher._parts, key, candidate);
                if (summary.Uid < sentFrom.Uid)
                    continue;
                Add(matcher._canonical, read.Canonical, candidate);
                if (read.Body is { } body)
                    Add(matcher._bodies, body, candidate);
                matcher._sent.Add(candidate);
            }
        }
        return matcher;
    }

    /// <summary>Copies of an earlier numbering of the source that are no longer there.</summary>
    /// <inheritdoc cref="WithRemoved"/>
    public static List<DeliveredCopy> Removed(IReadOnlyList<DeliveredCopy> former, UidSet known) =>
        // What nobody ever saw at the target was not removed there by its user.
        former
            .Where(copy => copy is { Superseded: true, Stored: not null } && !known.Contains(copy.TargetUid.Uid))
            .DistinctBy(copy => copy.TargetUid)
            .ToList();

    /// <summary>What was delivered under an earlier numbering of the source and is no longer there: anyone who uses the target has removed
    /// it, and a renumbered source is no reason to bring it back.</summary>
    /// <param name="known">What the target folder holds, and what a message of the source owns there.</param>
    public TargetMatcher WithRemoved(IReadOnlyList<DeliveredCopy> former, UidSet known)
    {
        var removed = Removed(former, known);
        if (removed.Count == 0)
            return this;
        var matcher = this == None ? new TargetMatcher() : this;
        foreach (var same in removed.GroupBy(copy => copy.Content))
            matcher._removed[same.Key] = new Queue<TargetUid>(same.Select(copy => copy.TargetUid).Order());
        return matcher;
    }

    /// <summary>A message with exactly this content, the one with the same date and flags first, so that each of several twins gets its own
    /// copy. One that is marked as deleted will only do if the message at the source is.</summary>
    /// <param name="stored">What the target made of it when it was delivered before; null for nothing else.</param>
    public Copy? Take(ContentId content, ContentId? stored, DateTimeOffset date, FlagSet flags, Likeness atLeast = Likeness.Content) =>
        Take(_exact, content, date, flags, _ => true, atLeast)
        ?? (
            stored is { } altered && Take(_exact, altered, date, flags, _ => true, atLeast) is { } copy
                ? copy with
                {
                    Altered = true,
                }
                : null
        );

    /// <summary>A message that says all of what this one says, and has the same date unless it has the same Message-ID; for mailboxes whose
    /// servers make other bytes of a message.</summary>
    /// <param name="stored">Its content.</param>
    public TargetUid? Take(MessageParts parts, DateTimeOffset date, FlagSet flags, out ContentId stored)
    {
        var copy = Take(
            _parts,
            parts.Key,
            date,
            flags,
            candidate => (parts.MessageId is not null || candidate.HasDate(date)) && candidate.Parts!.SaysAllOf(parts)
        );
        stored = copy?.Content ?? default;
        return copy?.Uid;
    }

    /// <summary>Messages with this date that nobody has taken. One that is marked as deleted will only do if the message at the source
    /// is.</summary>
    public IReadOnlyList<Uid> Untaken(DateTimeOffset date, FlagSet flags)
    {
        _dated ??= _exact
            .Values.SelectMany(candidates => candidates.Left(_taken))
            .ToLookup(candidate => candidate.Date.ToUnixTimeSeconds());
        return
        [
            .. _dated[date.ToUnixTimeSeconds()]
                .Where(candidate => !_taken.Contains(candidate.Uid) && (!candidate.Deleted || flags.Contains("\\Deleted")))
                .Select(candidate => candidate.Uid)
                .Distinct(),
        ];
    }

    /// <summary>Messages that no record accounts for have arrived since something was sent whose outcome is not known.</summary>
    public bool HasArrivals => _arrivals.Count > 0;

    /// <summary>How many of them were not taken for anything that was sent: they are something else, or cannot be read.</summary>
    public int Strangers => _arrivals.Count(uid => !_taken.Contains(uid));

    /// <summary>Takes a message; false where it has been taken.</summary>
    public bool TryTake(Uid uid) => _taken.Add(uid);

    /// <summary>The UID of a copy that was delivered and removed at the target since.</summary>
    public TargetUid? TakeRemoved(ContentId content) =>
        _removed.TryGetValue(content, out var uids) && uids.TryDequeue(out var uid) ? uid : null;

    /// <summary>A message that is what a server may have made of this one; only for a message that was sent before and whose outcome is not
    /// known. Where more than line ends differ, the header must show that it is this message: any other may be somebody else's, however
    /// similar. Anyone who takes it reads it back, so that what is not the same is said.</summary>
    /// <param name="from">The UIDNEXT of the intent.</param>
    /// <param name="justSent">In this session, and nothing else is known to have arrived since.</param>
    public TargetUid? TakeAltered(MessageFingerprint sent, DateTimeOffset date, FlagSet flags, TargetUid from, bool justSent)
    {
        bool IsIt(Candidate candidate) =>
            candidate.Uid >= from.Uid && (candidate.HasDate(date) || !_keepsDates) && candidate.Identity.IsMadeOf(sent.Identity);
        // Some messages say nothing of themselves; servers add to them what is missing.
        bool MayBeIt(Candidate candidate) => candidate.Uid >= from.Uid && candidate.HasDate(date) && !sent.Identity.IsKnown;

        _keepsDates |= !justSent || _sent.Any(candidate => candidate.HasDate(date));
        return (
            Take(_canonical, sent.Canonical, date, flags, candidate => candidate.Uid >= from.Uid)
            ?? (sent.Body is { } body ? Take(_bodies, body, date, flags, candidate => IsIt(candidate) || MayBeIt(candidate)) : null)
            ?? Take(
                _sent.Where(candidate => !_taken.Contains(candidate.Uid)),
                date,
                flags,
                candidate => IsIt(candidate) || (justSent && !candidate.Identity.IsKnown && MayBeIt(candidate))
            )
        )?.Uid;
    }

    private Copy? Take(
        Dictionary<ContentId, Candidates> candidates,
        ContentId content,
        DateTimeOffset date,
        FlagSet flags,
        Func<Candidate, bool> mayBe,
        Likeness atLeast = Likeness.Content
    ) => candidates.TryGetValue(content, out var same) ? Take(same.Left(_taken), date, flags, mayBe, atLeast) : null;

    /// <param name="candidates">None that is taken.</param>
    private Copy? Take(
        IEnumerable<Candidate> candidates,
        DateTimeOffset date,
        FlagSet flags,
        Func<Candidate, bool> mayBe,
        Likeness atLeast = Likeness.Content
    )
    {
        Candidate? best = null;
        var like = atLeast - 1;
        foreach (var candidate in candidates)
        {
            if ((candidate.Deleted && !flags.Contains("\\Deleted")) || !mayBe(candidate))
                continue;
            var (dated, flagged) = (candidate.HasDate(date), candidate.Flags == flags);
            var now =
                dated && flagged ? Likeness.DateAndFlags
                : dated || flagged ? Likeness.DateOrFlags
                : Likeness.Content;
            if (now > like)
                (best, like) = (candidate, now);
            if (like == Likeness.DateAndFlags)
                break;
        }
        if (best is not { } found)
            return null;
        _taken.Add(found.Uid);
        return new Copy(new TargetUid(found.Uid), found.Altered, found.Content, found.WasOurs);
    }

    private static Candidate Of(MessageSummary summary) => new(summary.Uid, summary.InternalDate, summary.Flags, Altered: false, default);

    private static void Add(Dictionary<ContentId, Candidates> candidates, ContentId content, Candidate candidate)
    {
        if (!candidates.TryGetValue(content, out var list))
            candidates[content] = list = new Candidates();
        list.Add(candidate);
    }
}
