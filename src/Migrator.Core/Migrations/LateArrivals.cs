using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Appends of a session that did not end in peace. Its last bytes may reach the server after the next session has looked for them:
/// then what they carry is sent again, and arrives twice.</summary>
internal sealed class LateArrivals(FolderCopyState folder, IMailTarget target)
{
    // A mailbox that receives mail all the time is never quiet: what then arrives twice is found at the end of the run.
    private const int MaxPasses = 12;
    private const int ChecksPerPass = 4;

    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;

    /// <summary>Waits until the target folder has received nothing for a while.</summary>
    public async Task<FolderState> WaitUntilQuietAsync(FolderState state, CancellationToken stop)
    {
        var pause = folder.Run.Options.QuietTime / ChecksPerPass;
        // A session that is lost while nothing is sent begins no new wait.
        if (pause <= TimeSpan.Zero || folder.QuietAt == folder.ProgressVersion)
            return state;
        var quiet = 0;
        for (var look = 0; quiet < ChecksPerPass && look < MaxPasses * ChecksPerPass; look++)
        {
            await Task.Delay(pause, folder.Run.Time, stop);
            var now = await folder.OpenTargetAsync(target, stop);
            quiet = now.UidNext == state.UidNext && now.Count == state.Count ? quiet + 1 : 0;
            state = now;
        }
        folder.QuietAt = folder.ProgressVersion;
        return state;
    }

    /// <summary>Names what arrived twice, and removes it where the job says so.</summary>
    public async Task CheckAsync(CancellationToken stop)
    {
        if (folder.Folder.SentFrom is { IsKnown: true } from)
            await FindAsync(from, stop);
        await RemoveAsync(stop);
    }

    /// <param name="from">What is below was there before anything was sent.</param>
    /// <inheritdoc cref="CheckAsync(CancellationToken)"/>
    public async Task CheckAsync(TargetUid from, CancellationToken stop)
    {
        await FindAsync(from, stop);
        await RemoveAsync(stop);
    }

    /// <summary>Removes second copies, those that earlier runs named included, where the job says so.</summary>
    private async Task RemoveAsync(CancellationToken stop)
    {
        if (folder.Run.Options.RemoveLateDuplicates)
            await RemoveUntouchedAsync(stop);
    }

    private async Task FindAsync(TargetUid from, CancellationToken stop)
    {
        var state = await folder.OpenTargetAsync(target, stop);
        var uids = await target.ListUidsAsync(from.Uid, stop);
        var delivered = await _checkpoint.DeliveredToAsync(folder.Mapping.Target, state.UidValidity, from, stop);
        var unowned = TargetMatcher.Unowned(uids, delivered);
        if (unowned.Count == 0)
            return;
        var owned = delivered.Where(copy => copy.Owned).DistinctBy(copy => copy.TargetUid).ToDictionary(copy => copy.TargetUid.Uid);
        var (late, dates) = (await ReadAsync(unowned, stop), await DatesAsync([.. unowned.Concat(owned.Keys).Order()], stop));
        // What the target alters is not equal to what was sent, nor always to another copy of it: then its body and its date tell.
        var altered = owned
            .Values.Where(copy => copy.Stored != copy.Content || folder.TargetRewrites)
            .Select(copy => copy.TargetUid.Uid)
            .ToList();
        var stored = late.Count == 0 || altered.Count == 0 ? [] : await ReadAsync(altered, stop);
        var exact = owned
            .Values.SelectMany(copy =>
                new[] { (Content: (ContentId?)copy.Content, copy.TargetUid.Uid), (Content: copy.Stored, copy.TargetUid.Uid) }
            )
            .Where(pair => pair.Content is not null)
            .ToLookup(pair => pair.Content!.Value, pair => pair.Uid);
        var alike = stored
            .SelectMany(read =>
                new[] { read.Value.Canonical, read.Value.Body, read.Value.Parts?.Key }
                    .OfType<ContentId>()
                    .Distinct()
                    .Select(content => (content, read.Key))
            )
            .ToLookup(pair => pair.content, pair => pair.Key);
        var second = new Dictionary<Uid, Uid>();
        foreach (var (uid, copy) in late.OrderBy(message => message.Key))
        {
            var candidates = exact[copy.Exact]
                .Concat(
                    new[] { copy.Canonical, copy.Body, copy.Parts?.Key }
                        .OfType<ContentId>()
                        .Distinct()
                        .SelectMany(content => alike[content])
                        .Where(first =>
                            stored[first].IsAlike(copy) && dates.TryGetValue(first, out var date) && dates.GetValueOrDefault(uid) == date
                        )
                );
            if (candidates.FirstOrDefault(first => !second.ContainsKey(first)) is { IsKnown: true } first)
                second[first] = uid;
        }
        await foreach (var record in folder.Folder.ReadAllAsync(_checkpoint, second.Count == 0 ? [] : MessageStates.AtTarget, stop))
        {
            if (
                !second.TryGetValue(record.TargetUid.Uid, out var uid)
                || RecordedDifferences
                    .Of(record)
                    .Any(known => known.Kind == DifferenceKind.Duplicate && RecordedDifferences.LateCopyUid(known.Actual)?.Uid == uid)
            )
                continue;
            var words = RecordedDifferences.LateCopy(uid);
            await _checkpoint.WriteAsync(folder.Folder.Id, [RecordedDifferences.With(record, DifferenceKind.Duplicate, words)], stop);
            folder.Run.Findings.Add(folder.Differs(record, DifferenceKind.Duplicate, words));
            folder.TargetDiffers = true;
        }
    }

    /// <summary>Removes second copies that nobody has touched: with the content that was sent, and the flags and date of the
    /// first.</summary>
    private async Task RemoveUntouchedAsync(CancellationToken stop)
    {
        var known = new Dictionary<Uid, MessageRecord>();
        await foreach (var record in folder.Folder.ReadAllAsync(_checkpoint, [MessageState.Differs], stop))
        {
            foreach (var (_, actual) in RecordedDifferences.Of(record).Where(difference => difference.Kind == DifferenceKind.Duplicate))
            {
                if (RecordedDifferences.LateCopyUid(actual) is { } second)
                    known[second.Uid] = record;
            }
        }
        if (known.Count == 0)
            return;
        var copies = await ReadAsync([.. known.Keys.Concat(known.Values.Select(record => record.TargetUid.Uid)).Distinct().Order()], stop);
        var summaries = (await target.FetchSummariesAsync([.. copies.Keys.Order()], stop)).ToDictionary(summary => summary.Uid);
        var untouched = known
            .Where(pair =>
                copies.TryGetValue(pair.Key, out var late)
                && copies.TryGetValue(pair.Value.TargetUid.Uid, out var first)
                && late.IsAlike(first)
                && summaries.TryGetValue(pair.Key, out var there)
                && there.Flags == target.FilterPermanentFlags(pair.Value.Flags)
                && summaries.TryGetValue(pair.Value.TargetUid.Uid, out var kept)
                && there.InternalDate == kept.InternalDate
            )
            .ToList();
        if (untouched.Count == 0)
            return;
        await target.RemoveAsync(TargetUid.Of(untouched.Select(pair => pair.Key).Order()), stop);
        foreach (var (_, record) in untouched)
        {
            await _checkpoint.WriteAsync(folder.Folder.Id, [RecordedDifferences.Without(record, DifferenceKind.Duplicate)], stop);
        }
        folder.Run.Findings.Remove(
            DifferenceKind.Duplicate,
            folder.Mapping.Source.Path,
            untouched.Select(pair => pair.Value.Uid).ToHashSet()
        );
        folder.Run.Progress.Notice(
            $"{folder.Mapping.Target}: {untouched.Count:N0} second cop{(untouched.Count == 1 ? "y" : "ies")} that arrived late "
                + $"{(untouched.Count == 1 ? "was" : "were")} removed."
        );
    }

    private async Task<Dictionary<Uid, DateTimeOffset>> DatesAsync(IReadOnlyList<Uid> uids, CancellationToken stop)
    {
        var dates = new Dictionary<Uid, DateTimeOffset>();
        foreach (var chunk in uids.Chunk(1000))
        {
            await folder.TargetSummaries.AskAsync(
                chunk,
                async some =>
                {
                    foreach (var summary in await target.FetchSummariesAsync(some, stop))
                        dates[summary.Uid] = summary.InternalDate;
                }
            );
        }
        return dates;
    }

    private async Task<Dictionary<Uid, MessageFingerprint>> ReadAsync(IReadOnlyList<Uid> uids, CancellationToken stop)
    {
        var read = new Dictionary<Uid, MessageFingerprint>();
        foreach (var chunk in uids.Chunk(1000))
            await folder.TargetFetches.AskAsync(
                chunk,
                some =>
                    target.FetchAsync(
                        some,
                        new FingerprintHasher((uid, fingerprint) => read[uid] = fingerprint, folder.TargetRewrites),
                        stop
                    )
            );
        return read;
    }
}
