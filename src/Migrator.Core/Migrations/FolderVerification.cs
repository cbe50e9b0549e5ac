using Migrator.Core.Certificates;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Compares the source folders of one target folder with it, message by message.</summary>
/// <param name="records">What is recorded of folders that were delivered to the target folder.</param>
/// <param name="earlier">Knows what the target is about to delete.</param>
/// <param name="leftOut">What the rules of the job leave out; null where they leave out nothing.</param>
/// <param name="acceptMerged">One copy at the target is enough for several messages with the same content.</param>
/// <param name="tolerance">Which rewrites are accepted; null for none.</param>
/// <param name="tolerated">Counts the messages that are listed as such.</param>
/// <param name="certificate">Given each message and what became of it; null where none is written.</param>
internal sealed class FolderVerification(
    IReadOnlyList<FolderMapping> mappings,
    IMailboxCheckpoint checkpoint,
    IReadOnlyList<FolderCheckpoint> records,
    RunIssues findings,
    FolderProgress progress,
    EarlierCopies earlier,
    LeftOutMail? leftOut,
    bool acceptMerged,
    RewriteTolerance? tolerance,
    ToleratedList tolerated,
    CertificateDraft? certificate
) : IResumableWork
{
    private const int MostSubjects = 500;
    private const int MostNames = 10;

    // Only while it is compared: what was read takes memory, and there may be ten thousand folders.
    private FolderPairReading? _reading;
    private bool _isOver,
        _isCompared;
    private List<ReadMessage> _missing = [],
        _extra = [];
    private FolderCertificate? _lines;

    public long ProgressVersion => _reading?.ProgressVersion ?? 0;

    /// <summary>Says that it was not compared, until it is.</summary>
    public FolderComparison Result { get; private set; } = Failed(mappings, Reason.ConnectionLost, "not reached");

    public IReadOnlyList<Difference> Differences { get; private set; } = [];

    /// <summary>What the comparison was asked to accept.</summary>
    public IReadOnlyList<ToleratedMessage> Tolerated { get; private set; } = [];

    public FolderPath Target => mappings[0].Target;

    /// <summary>Of the messages that are not in the target folder, what to look for in others.</summary>
    public IReadOnlyList<(ContentId Content, long Size, DateTimeOffset Date)> Missing =>
        [.. _missing.Select(message => (message.Content, message.Size, message.Date))];

    public bool GiveUp(MailException loss)
    {
        if (loss.Reason != Reason.ConnectionLost && loss.Reason != Reason.TemporaryFailure)
            return false;
        Fail(loss);
        return true;
    }

    public async Task CompareAsync(IMailSource source, IMailTarget target, CancellationToken stop)
    {
        if (_isOver)
            return;
        _reading ??= Read(source);
        try
        {
            await ReadAndCompareAsync(_reading, source, target, stop);
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            Fail(exception);
        }
    }

    private FolderPairReading Read(IMailSource source)
    {
        var lines = _lines = certificate is null ? null : new FolderCertificate(certificate, mappings, Keeps(source));
        var reading = new FolderPairReading(
            mappings,
            progress,
            leftOut,
            keepPairs: earlier.Any,
            keepContents: acceptMerged,
            tolerance,
            lines is null ? null : (one, other) => lines.Compared(one, other, sameParts: true),
            lines is null ? null : lines.Skipped
        );
        if (lines is not null)
            lines.Reading = reading;
        return reading;
    }

    // POP3 keeps neither flags nor dates: what the target has is not another one.
    private static bool Keeps(IMailSource source) => source is not IDeletableSource;

    /// <summary>Says what is known at the end: what is in no folder of the target, and what became of the folders.</summary>
    public void Certify()
    {
        if (certificate is null)
            return;
        if (Result.Failure is { } failure && !_isCompared)
        {
            FolderCertificate.Failed(certificate, mappings, failure);
            return;
        }
        foreach (var message in _missing)
            _lines!.Lost(message, CertifiedState.Missing);
        foreach (var message in _extra)
            _lines!.Extra(message, duplicate: false);
        _lines!.End(Result.Failure);
    }

    private void Fail(MailException exception)
    {
        Result = Failed(mappings, exception.Reason, exception.Message);
        progress.Found(progress.Expected);
        progress.GivenUp(exception.Reason.Code);
        (_reading, _lines, _isOver) = (null, null, true);
    }

    private static FolderComparison Failed(IReadOnlyList<FolderMapping> mappings, Reason reason, string detail) =>
        new([.. mappings.Select(mapping => mapping.Source.Path)], mappings[0].Target, mappings[0].Exists, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        {
            Failure = Failure.Of(reason, detail),
        };

    private async Task ReadAndCompareAsync(FolderPairReading reading, IMailSource source, IMailTarget target, CancellationToken stop)
    {
        progress.Phase = FolderPhase.Copying;
        var targetPath = mappings[0].Target;
        var rewrites = source.Provider.RewritesMessages || target.Provider.RewritesMessages;
        await reading.ReadAsync(source, target, rewrites, stop);

        var pairing = reading.Pairing;
        List<(int Mapping, Uid Uid)> unreadable = [.. reading.Unreadable];
        var pairs = Pair(pairing.Unmatched(MailEnd.Source), pairing.Unmatched(MailEnd.Target), out var unmatched, out var extra);
        List<(ReadMessage Source, ReadMessage Target)> altered = [];
        var rewritten = Rewritten(unmatched, extra);
        if (rewrites)
        {
            // What was delivered to which UID is known best: many messages may say the same, and have the same Message-ID or none.
            var delivered = await AlteredAsync(unmatched, extra, target, stop);
            unmatched = [.. unmatched.Except(delivered.Select(pair => pair.Source))];
            extra = [.. extra.Except(delivered.Select(pair => pair.Target))];
            var same = delivered.FindAll(pair => pair.Target.Parts!.SaysAllOf(pair.Source.Parts!));
            altered.AddRange(delivered.Except(same));
            pairs.AddRange(PairByParts(unmatched, extra, same, reading.RepeatedIds));
        }
        var trashed = await TrashedAsync(
            reading.Paired.Concat(
                pairs
                    .Concat(rewritten.Select(pair => (pair.Source, pair.Target)))
                    .Select(pair => PairedMessage.Of(pair.Source, pair.Target))
            ),
            target,
            stop
        );
        var matched = pairing.Pairs + pairs.Count + rewritten.Count - trashed.Count;
        if (trashed.Count > 0)
        {
            pairs.RemoveAll(pair => trashed.ContainsKey(pair.Target.Uid));
            rewritten.RemoveAll(pair => trashed.ContainsKey(pair.Target.Uid));
        }
        foreach (var (one, other) in pairs)
            _lines?.Compared(one, other, sameParts: true);
        foreach (var pair in rewritten)
            _lines?.Compared(pair.Source, pair.Target, sameParts: false);
        foreach (var pair in trashed.Values)
            _lines?.Trashed(pair);
        if (acceptMerged)
            matched += RemoveMerged(
                unmatched,
                reading
                    .Contents.Concat(reading.Paired.Where(pair => !trashed.ContainsKey(pair.TargetUid)).Select(pair => pair.Content))
                    .Concat(pairs.Select(pair => pair.Source.Content))
            );
        altered.AddRange(
            rewrites
                ? PartsPairing.Take(unmatched, extra, message => message.Parts!, (a, b) => b.Parts!.IsMadeOf(a.Parts!))
                : await AlteredAsync(unmatched, extra, target, stop)
        );
        altered.AddRange(
            AlteredByMessageId(unmatched.Except(altered.Select(pair => pair.Source)), extra.Except(altered.Select(pair => pair.Target)))
        );
        foreach (var (one, other) in altered)
            _lines?.Compared(one, other, sameParts: false);
        foreach (var (mapping, uid) in unreadable)
            _lines?.Unreadable(mapping, uid);
        var missing = unmatched.Except(altered.Select(pair => pair.Source)).ToList();
        var left = extra.Except(altered.Select(pair => pair.Target)).ToList();
        var keeps = Keeps(source);
        List<RewrittenPair> compared =
        [
            .. pairs.Select(pair => new RewrittenPair(pair.Source, pair.Target, MatchedBy.Content, [], [])),
            .. rewritten,
        ];
        var flags = compared.Where(pair => keeps && pair.Source.Flags != pair.Target.Flags).ToList();
        var otherDates = compared
            .Where(pair => keeps && pair.Source.Dated && pair.Source.Date.ToUnixTimeSeconds() != pair.Target.Date.ToUnixTimeSeconds())
            .ToLookup(pair => tolerance?.DatedBy(pair.Source, pair.Target));
        var dates = otherDates[null].ToList();
        var accepted = Accepted(rewritten, otherDates);

        var twice = await LateDuplicatesAsync([.. left.Select(message => message.Uid)], stop);
        foreach (var message in left.Where(message => twice.ContainsKey(message.Uid)))
            _lines?.Extra(message, duplicate: true);
        left.RemoveAll(message => twice.ContainsKey(message.Uid));

        // One after another: a difference that is not listed need not be held either.
        var differences = new IEnumerable<Difference>[]
        {
            mappings[0].Exists
                ? []
                : [new Difference(DifferenceKind.Folder, mappings[0].Source.Path, null, targetPath, null, "the folder", "no such folder")],
            missing.Select(message => Differs(DifferenceKind.Missing, message, null, $"{message.Size:N0} bytes, {Text(message.Date)}", "")),
            unreadable.Select(message => new Difference(
                DifferenceKind.Missing,
                mappings[message.Mapping].Source.Path,
                message.Uid,
                targetPath,
                null,
                "the message",
                "cannot be compared: the source lists it but fails to return it"
            )),
            trashed
                .Values.OrderBy(pair => pair.Mapping)
                .ThenBy(pair => pair.Uid)
                .Select(pair => new Difference(
                    DifferenceKind.Trashed,
                    mappings[pair.Mapping].Source.Path,
                    pair.Uid,
                    targetPath,
                    new TargetUid(pair.TargetUid),
                    $"{pair.Size:N0} bytes, {Text(pair.Date)}",
                    EarlierCopies.InTrash
                )),
            altered.Select(pair =>
                Differs(
                    DifferenceKind.Content,
                    pair.Source,
                    new TargetUid(pair.Target.Uid),
                    $"{pair.Source.Size:N0} bytes, sha256 {pair.Source.Content}",
                    $"{pair.Target.Size:N0} bytes, sha256 {pair.Target.Content}{OfParts(pair.Source, pair.Target)}"
                )
            ),
            flags.Select(pair =>
                Differs(
                    DifferenceKind.Flags,
                    pair.Source,
                    new TargetUid(pair.Target.Uid),
                    pair.Source.Flags.ToString(),
                    pair.Target.Flags.ToString()
                )
            ),
            dates.Select(pair =>
                Differs(
                    DifferenceKind.InternalDate,
                    pair.Source,
                    new TargetUid(pair.Target.Uid),
                    Text(pair.Source.Date),
                    Text(pair.Target.Date)
                )
            ),
            twice.Select(copy => new Difference(
                DifferenceKind.Duplicate,
                copy.Value.Folder,
                copy.Value.Record.Uid,
                targetPath,
                new TargetUid(copy.Key),
                "delivered once",
                "a second copy arrived late; \"migrator run\" with --remove-late-duplicates removes it"
            )),
            left.Select(message => new Difference(
                DifferenceKind.Extra,
                mappings[0].Source.Path,
                null,
                targetPath,
                new TargetUid(message.Uid),
                "",
                $"{message.Size:N0} bytes, {Text(message.Date)}"
            )),
        }
            .SelectMany(kind => kind)
            .Where(difference => findings.Admit(difference.Kind))
            .ToList();
        (_missing, _extra) = (missing, left);
        Differences = await NameAsync(differences, source, target, stop);
        Tolerated = [.. accepted.Where(_ => tolerated.Admit())];
        Result = new FolderComparison(
            [.. mappings.Select(mapping => mapping.Source.Path)],
            targetPath,
            mappings[0].Exists,
            pairing.Messages(MailEnd.Source) + unreadable.Count,
            pairing.Messages(MailEnd.Target),
            pairing.Bytes(MailEnd.Source),
            matched,
            missing.Count + unreadable.Count + trashed.Count,
            altered.Count,
            flags.Count,
            dates.Count,
            left.Count
        )
        {
            Duplicates = twice.Count,
            Trashed = trashed.Count,
            LeftOut = reading.LeftOut,
            Tolerated = accepted.Aggregate(default(RewriteCounts), (sum, message) => sum + RewriteCounts.Of(message.Rewrites)),
            Failure = reading.Limited is { } limited ? Failure.Of(limited) : null,
        };
        Count(matched, missing.Count + unreadable.Count + trashed.Count + altered.Count, reading.LeftOut);
        _lines?.Read(reading);
        (_reading, _isOver, _isCompared) = (null, true, true);
    }

    /// <summary>Missing messages are in another folder of the target: they count as if they were in this one.</summary>
    public void FoundElsewhere(IReadOnlyCollection<ContentId> contents, FolderPath place)
    {
        var left = contents.CountBy(content => content).ToDictionary();
        var found = _missing.FindAll(message => left.Take(message.Content));
        foreach (var message in found)
            _lines?.Lost(message, CertifiedState.Moved, place);
        var which = found.Select(message => (mappings[message.Mapping].Source.Path, message.Uid)).ToHashSet();
        _missing.RemoveAll(message => which.Contains((mappings[message.Mapping].Source.Path, message.Uid)));
        Drop(DifferenceKind.Missing, found.Count, difference => difference.Uid is { } uid && which.Contains((difference.Folder, uid)));
        Result = Result with
        {
            Missing = Result.Missing - found.Count,
            Matched = Result.Matched + found.Count,
            TargetMessages = Result.TargetMessages + found.Count,
        };
        progress.Failed(-found.Count);
        progress.AlreadyThere(found.Count);
        progress.Phase = Result.Identical ? FolderPhase.Done : FolderPhase.Failed;
    }

    /// <summary>Messages that only the target has, and that no record accounts for.</summary>
    public Dictionary<ContentId, int> Unowned(IReadOnlySet<Uid> owned) =>
        _extra.Where(message => !owned.Contains(message.Uid)).CountBy(message => message.Content).ToDictionary();

    /// <summary>Messages that only the target has are those that are missing in another folder.</summary>
    public void TakeExtra(IReadOnlyCollection<ContentId> contents)
    {
        var left = contents.CountBy(content => content).ToDictionary();
        var uids = _extra.FindAll(message => left.Take(message.Content)).Select(message => message.Uid).ToHashSet();
        _extra.RemoveAll(message => uids.Contains(message.Uid));
        Drop(DifferenceKind.Extra, uids.Count, difference => difference.TargetUid is { } uid && uids.Contains(uid.Uid));
        Result = Result with { Extra = Result.Extra - uids.Count, TargetMessages = Result.TargetMessages - uids.Count };
    }

    private void Drop(DifferenceKind kind, int count, Predicate<Difference> which)
    {
        var before = Differences.Count;
        Differences = [.. Differences.Where(difference => difference.Kind != kind || !which(difference))];
        findings.Withdraw(kind, count, before - Differences.Count);
    }

    // Counted at the end: a comparison that a lost connection cut short is made again.
    private void Count(long same, long different, long skipped)
    {
        progress.Found(same + different + skipped);
        progress.Skipped(skipped);
        progress.AlreadyThere(same);
        progress.Failed(different);
        progress.Phase = Result.Identical ? FolderPhase.Done : FolderPhase.Failed;
    }

    /// <summary>Of messages that only the target has, those that a run saw to be second copies of its own.</summary>
    private async Task<Dictionary<Uid, (FolderPath Folder, MessageRecord Record)>> LateDuplicatesAsync(
        HashSet<Uid> extra,
        CancellationToken stop
    )
    {
        var twice = new Dictionary<Uid, (FolderPath, MessageRecord)>();
        foreach (var folder in extra.Count == 0 ? [] : records)
        {
            await foreach (var record in folder.ReadAllAsync(checkpoint, [MessageState.Differs], stop))
            {
                foreach (var (_, actual) in RecordedDifferences.Of(record).Where(difference => difference.Kind == DifferenceKind.Duplicate))
                {
                    // Of two copies that are alike, either may have been paired with the message.
                    if (
                        new[] { RecordedDifferences.LateCopyUid(actual)?.Uid ?? default, record.TargetUid.Uid }.FirstOrDefault(
                            extra.Contains
                        ) is
                        { IsKnown: true } uid
                    )
                        twice[uid] = (folder.Source, record);
                }
            }
        }
        return twice;
    }

    /// <summary>Pairs equal contents one to one, those with the same flags or date first.</summary>
    /// <param name="source">What has no exact counterpart, as <paramref name="target"/>.</param>
    private static List<(ReadMessage Source, ReadMessage Target)> Pair(
        List<ReadMessage> source,
        List<ReadMessage> target,
        out List<ReadMessage> unmatched,
        out List<ReadMessage> extra
    )
    {
        var pairs = new List<(ReadMessage Source, ReadMessage Target)>();
        var common = source.Select(message => message.Content).ToHashSet();
        common.IntersectWith(target.Select(message => message.Content));
        unmatched = source.FindAll(message => !common.Contains(message.Content));
        extra = target.FindAll(message => !common.Contains(message.Content));
        var byContent = target.Where(message => common.Contains(message.Content)).ToLookup(message => message.Content);
        foreach (var group in source.Where(message => common.Contains(message.Content)).GroupBy(message => message.Content))
        {
            // Twins with other flags must not be paired crosswise, or two differences would be seen where there is none.
            var (here, there) = (group.ToList(), byContent[group.Key].ToList());
            foreach (
                var same in new Func<ReadMessage, ReadMessage, bool>[] { (a, b) => a.Date == b.Date || a.Flags == b.Flags, (_, _) => true }
            )
            {
                foreach (var message in here.ToList())
                {
                    var index = there.FindIndex(other => same(message, other));
                    if (index < 0)
                        continue;
                    pairs.Add((message, there[index]));
                    there.RemoveAt(index);
                    here.Remove(message);
                }
            }
            unmatched.AddRange(here);
            extra.AddRange(there);
        }
        unmatched = [.. unmatched.OrderBy(message => message.Mapping).ThenBy(message => message.Uid)];
        extra.Sort((one, other) => one.Uid.CompareTo(other.Uid));
        return [.. pairs.OrderBy(pair => pair.Source.Mapping).ThenBy(pair => pair.Source.Uid)];
    }

    /// <summary>Where one of the servers stores messages in a form of its own, a copy with other bytes is the same message if it says the
    /// same. What that proves is less, and is said.</summary>
    /// <param name="found">Those that are known to be the same.</param>
    /// <param name="twins">Message-IDs that several messages of the source have.</param>
    private List<(ReadMessage Source, ReadMessage Target)> PairByParts(
        List<ReadMessage> unmatched,
        List<ReadMessage> extra,
        List<(ReadMessage Source, ReadMessage Target)> found,
        IReadOnlySet<ContentId> twins
    )
    {
        // Twins with other flags must not be paired crosswise, as above.
        foreach (
            var same in new Func<ReadMessage, ReadMessage, bool>[]
            {
                (a, b) => a.Date == b.Date && a.Flags == b.Flags,
                (a, b) => a.Date == b.Date || a.Flags == b.Flags,
                (_, _) => true,
            }
        )
            found.AddRange(
                PartsPairing.Take(unmatched, extra, message => message.Parts!, (a, b) => same(a, b) && b.Parts!.SaysAllOf(a.Parts!))
            );
        var (nameless, doubled) = (
            found.Count(pair => pair.Source.Parts!.MessageId is null),
            found.Count(pair => pair.Source.Parts!.MessageId is { } id && twins.Contains(id))
        );
        if (found.Count > 0)
            progress.Run?.Notice(
                $"{mappings[0].Target}: {found.Count:N0} message{(found.Count == 1 ? " has" : "s have")} other bytes, as a server stores "
                    + "messages in its own form; compared by header fields (Message-ID, Date, From, To, Subject), text and "
                    + $"attachments. Without a Message-ID: {nameless:N0}; with that of another message: {doubled:N0}; these were paired "
                    + "by the rest."
            );
        return found;
    }

    /// <summary>Takes out what was rewritten in a way that is accepted.</summary>
    private List<RewrittenPair> Rewritten(List<ReadMessage> unmatched, List<ReadMessage> extra)
    {
        if (tolerance is null)
            return [];
        var pairing = new RewritePairing(tolerance);
        var rewritten = pairing.Take(unmatched, extra);
        if (pairing.IsExhausted)
            progress.Run?.Notice(
                $"{Target}: too many messages have the same Message-ID and body to compare each with each; what was not compared is "
                    + "reported as a difference."
            );
        if (unmatched.Concat(extra).Count(message => message.Traits!.Fields is null) is > 0 and var many)
            progress.Run?.Notice(
                $"{Target}: {many:N0} message{(many == 1 ? " has" : "s have")} more header fields than can be held to be compared; "
                    + "fields that were added there are reported as a difference."
            );
        return rewritten;
    }

    /// <summary>Messages that have a Message-ID in common, and differ in what is not accepted. Nothing is known of them but that.</summary>
    private IEnumerable<(ReadMessage Source, ReadMessage Target)> AlteredByMessageId(
        IEnumerable<ReadMessage> unmatched,
        IEnumerable<ReadMessage> extra
    ) =>
        tolerance is null
            ? []
            : new RewritePairing(tolerance).TakeAltered([.. unmatched], [.. extra]).Select(pair => (pair.Source, pair.Target));

    /// <summary>What is to be said of messages that were rewritten in a way that is accepted.</summary>
    private List<ToleratedMessage> Accepted(IReadOnlyList<RewrittenPair> rewritten, ILookup<string?, RewrittenPair> otherDates)
    {
        var dated = otherDates
            .Where(field => field.Key is not null)
            .SelectMany(field => field.Select(pair => (Pair: pair, Field: field.Key!)))
            .ToDictionary(date => date.Pair.Target.Uid);
        return
        [
            .. rewritten
                .Where(pair => !dated.ContainsKey(pair.Target.Uid))
                .Select(pair => Accepted(pair, null))
                .Concat(dated.Values.Select(date => Accepted(date.Pair, date.Field)))
                .OrderBy(message => message.Folder.ToString(), StringComparer.Ordinal)
                .ThenBy(message => message.Uid),
        ];
    }

    private ToleratedMessage Accepted(RewrittenPair pair, string? datedBy)
    {
        var added = pair.Added.Select(name => name.Text).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return new(
            mappings[pair.Source.Mapping].Source.Path,
            pair.Source.Uid,
            Target,
            new TargetUid(pair.Target.Uid),
            pair.MatchedBy,
            datedBy is null ? pair.Rewrites : [.. pair.Rewrites, Rewrite.DatesByHeader],
            string.Join(
                "; ",
                new[]
                {
                    added.Count == 0
                        ? null
                        : $"added: {string.Join(", ", added.Take(MostNames))}"
                            + (added.Count > MostNames ? $" and {added.Count - MostNames:N0} more" : ""),
                    datedBy is null
                        ? null
                        : $"dated {Text(pair.Target.Date)} by its {datedBy} header, {Text(pair.Source.Date)} at the source",
                }.OfType<string>()
            )
        );
    }

    /// <summary>What differs, where parts were compared.</summary>
    private static string OfParts(ReadMessage sent, ReadMessage stored) =>
        sent.Traits is { } traits
        && stored.Traits is { } other
        && RewritePairing.Differences(traits, other).ToList() is { Count: > 0 } fields
            ? $"{(traits.MessageId is { } id && id == other.MessageId ? "; the same Message-ID" : "")}; what differs: "
                + string.Join(", ", fields)
        : sent.Parts is { } parts && stored.Parts is { } others && others.Differences(parts).ToList() is { Count: > 0 } differences
            ? $"; what differs: {string.Join(", ", differences)}"
        : "";

    /// <summary>Takes out what has the content of a message that has a copy.</summary>
    private int RemoveMerged(List<ReadMessage> unmatched, IEnumerable<ContentId> copied)
    {
        var contents = unmatched.Select(message => message.Content).ToHashSet();
        contents.IntersectWith(copied);
        foreach (var message in unmatched.Where(message => contents.Contains(message.Content)))
            _lines?.Lost(message, CertifiedState.Merged, Target);
        var merged = unmatched.RemoveAll(message => contents.Contains(message.Content));
        if (merged > 0)
            progress.Run?.Notice(
                $"{mappings[0].Target}: {merged:N0} identical message{(merged == 1 ? "" : "s")} of the source "
                    + $"{(merged == 1 ? "has its" : "have their")} copy in common with another one, which the job accepts."
            );
        return merged;
    }

    /// <summary>Messages that the checkpoint says were delivered to a UID that now has other bytes.</summary>
    private async Task<List<(ReadMessage Source, ReadMessage Target)>> AlteredAsync(
        List<ReadMessage> unmatched,
        List<ReadMessage> extra,
        IMailTarget target,
        CancellationToken stop
    )
    {
        var altered = new List<(ReadMessage, ReadMessage)>();
        if (unmatched.Count == 0 || extra.Count == 0)
            return altered;
        var validity = (await target.OpenAsync(mappings[0].Target, stop)).UidValidity;
        var byUid = extra.ToDictionary(message => message.Uid);
        foreach (var message in unmatched)
        {
            var mapping = mappings[message.Mapping];
            var folder = records.LastOrDefault(record =>
                record.Source == mapping.Source.Path
                && record.UidValidity == mapping.Source.State?.UidValidity
                && record.TargetUidValidity == validity
            );
            if (folder is null)
                continue;
            var delivered = await checkpoint.ReadAsync(folder.Id, MessageStates.AtTarget, message.Uid, 1, stop);
            if (delivered is [{ } record] && record.Uid == message.Uid && byUid.Remove(record.TargetUid.Uid, out var counterpart))
                altered.Add((message, counterpart));
        }
        return altered;
    }

    /// <summary>Adds the subjects, by which a person knows a message.</summary>
    private async Task<IReadOnlyList<Difference>> NameAsync(
        List<Difference> differences,
        IMailSource source,
        IMailTarget target,
        CancellationToken stop
    )
    {
        var subjects = new Dictionary<(FolderPath, Uid), string>();
        foreach (
            var folder in differences
                .Where(difference => difference.Uid is not null)
                .Take(MostSubjects)
                .GroupBy(difference => difference.Folder)
        )
        {
            foreach (
                var (uid, subject) in await FetchSubjectsAsync(
                    source,
                    folder.Key,
                    [.. folder.Select(difference => difference.Uid!.Value).Distinct().Order()],
                    stop
                )
            )
                subjects[(folder.Key, uid)] = subject;
        }
        var extra = differences
            .Where(difference => difference.Uid is null && difference.TargetUid is not null)
            .Take(MostSubjects)
            .Select(difference => difference.TargetUid!.Value.Uid)
            .Order()
            .ToList();
        var atTarget = extra.Count == 0 ? new Dictionary<Uid, string>() : await FetchSubjectsAsync(target, mappings[0].Target, extra, stop);
        return
        [
            .. differences.Select(difference =>
                difference with
                {
                    Subject =
                        difference.Uid is { } uid ? subjects.GetValueOrDefault((difference.Folder, uid))
                        : difference.TargetUid is { } there ? atTarget.GetValueOrDefault(there.Uid)
                        : null,
                }
            ),
        ];
    }

    /// <summary>A message that cannot be named is reported without its name: all that matters was read before.</summary>
    private static async Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(
        IMailSource mailbox,
        FolderPath folder,
        IReadOnlyList<Uid> uids,
        CancellationToken stop
    )
    {
        try
        {
            await mailbox.OpenAsync(folder, stop);
            return await mailbox.FetchSubjectsAsync(uids, stop);
        }
        catch (MailException)
        {
            return new Dictionary<Uid, string>();
        }
    }

    /// <returns>Of these pairs, those of which the target is about to delete its copy, by its UID.</returns>
    private async Task<IReadOnlyDictionary<Uid, PairedMessage>> TrashedAsync(
        IEnumerable<PairedMessage> pairs,
        IMailTarget target,
        CancellationToken stop
    )
    {
        List<Uid> uids = earlier.Any ? [.. pairs.Select(pair => pair.TargetUid).Order()] : [];
        if (uids.Count == 0)
            return new Dictionary<Uid, PairedMessage>();
        await target.OpenAsync(Target, stop);
        var trashed = await earlier.TrashedAsync(Target, target, uids, stop);
        return pairs.Where(pair => trashed.Contains(pair.TargetUid)).ToDictionary(pair => pair.TargetUid);
    }

    private Difference Differs(DifferenceKind kind, ReadMessage message, TargetUid? targetUid, string expected, string actual) =>
        new(kind, mappings[message.Mapping].Source.Path, message.Uid, mappings[0].Target, targetUid, expected, actual);

    private static string Text(DateTimeOffset date) => FolderCopyState.Text(date);
}
