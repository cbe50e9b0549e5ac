using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Switches a mailbox to the target: a checklist, a final pass, and from then on the target is what its user works with. Killed
/// anywhere, it is run again.</summary>
/// <param name="examined">The same ends; of the target, nothing can be written.</param>
/// <param name="given">Lines of the checklist that others have found out.</param>
/// <param name="spoolPath">A directory of this mailbox alone; emptied.</param>
public sealed class Cutover(
    Transfer transfer,
    MailboxEndpoints endpoints,
    MailboxEndpoints examined,
    ICheckpointStore store,
    CutoverRequest request,
    IReadOnlyList<CutoverCheck> given,
    string spoolPath,
    TimeProvider time,
    ILogger log
)
{
    private static readonly IReadOnlyList<MessageState> s_differs = [MessageState.Differs];

    // For another pass after the days are over: a run within it that is not complete is run again.
    private static readonly TimeSpan s_pass = TimeSpan.FromDays(1);

    private readonly MailboxPair _pair = new(transfer.Source, transfer.Target);

    /// <param name="progress">Of the final pass.</param>
    /// <exception cref="MailException">An end could not be reached for the checklist.</exception>
    /// <exception cref="CheckpointException">The checkpoint store cannot be opened.</exception>
    public async Task<CutoverReport> RunAsync(RunProgress progress, CancellationToken stop)
    {
        var phase = await PhaseAsync(stop);
        var report = new CutoverReport(
            transfer.Name,
            transfer.Source,
            transfer.Target,
            request.IsTrial,
            [.. await ChecksAsync(stop), .. given],
            null,
            phase.Phase == MailboxPhase.Switched ? phase.Since : null,
            phase.Until
        );
        if (!report.IsReady || request.IsTrial)
            return report;
        // Mail is brought again that has arrived since the days were over.
        if (phase is { Phase: MailboxPhase.Switched, Since: { } earlier })
            phase = await SaveAsync(earlier, s_pass, stop);
        var run = await new Migration(transfer, endpoints, store, spoolPath, time, log).RunAsync(progress, stop);
        var isComplete = IsEnough(run);
        if (isComplete)
            phase = await SaveAsync(
                phase is { Phase: MailboxPhase.Switched, Since: { } since } ? since : time.GetUtcNow(),
                TimeSpan.FromDays(request.SweepDays),
                stop
            );
        var isSwitched = phase.Phase == MailboxPhase.Switched;
        return report with
        {
            Run = run,
            IsComplete = isComplete,
            Switched = isSwitched ? phase.Since : null,
            SweptUntil = isSwitched ? phase.Until : null,
        };
    }

    private async Task<PhaseMark> PhaseAsync(CancellationToken stop)
    {
        await using var records = await store.OpenRecordsAsync(_pair, stop);
        return records is null ? default : await records.PhaseAsync(stop);
    }

    private async Task<PhaseMark> SaveAsync(DateTimeOffset since, TimeSpan sweep, CancellationToken stop)
    {
        var phase = new PhaseMark(MailboxPhase.Switched, since) { Until = time.GetUtcNow() + sweep };
        await using var checkpoint = await store.OpenAsync(_pair, stop);
        await checkpoint.SavePhaseAsync(phase, stop);
        return phase;
    }

    /// <summary>Whether the source has nothing left that the target lacks, but for what a person has accepted.</summary>
    private bool IsEnough(RunReport run) =>
        run.Outcome == RunOutcome.Complete
        || (
            request.AcceptsIncomplete
            && run.Outcome == RunOutcome.Partial
            && run.Total.Remaining == 0
            && run.Problems.Count == 0
            && run.Folders.All(folder => folder.Failure is null)
        );

    private async Task<IReadOnlyList<CutoverCheck>> ChecksAsync(CancellationToken stop)
    {
        var preflight = await Preflight.RunAsync(transfer, SourceDeletionPolicy.Never, examined, store, new RunProgress(), time, log, stop);
        var differing = await DifferingAsync(stop);
        return [Lag(preflight), Obstacles(preflight), TooLarge(preflight), Consent(preflight), Differences(differing)];
    }

    private CutoverCheck Lag(Preflight preflight)
    {
        var (left, flags, deletions) = (
            preflight.Folders.Sum(folder => folder.ToCopy.Messages),
            preflight.Folders.Sum(folder => (long)folder.Flags.Count),
            preflight.Follow?.Deletions.Sum(deletion => (long)deletion.Uids.Count) ?? 0
        );
        var lag = $"{Messages(left)} to copy; flags to carry over: {flags:N0}; deletions to follow: {deletions:N0}";
        return left > request.MostMessages
            ? new(
                "Lag",
                false,
                $"{lag}. Run the job first, so that the final pass is short; --most accepts more than {request.MostMessages:N0}."
            )
            : new("Lag", true, $"{lag}.");
    }

    private static CutoverCheck Obstacles(Preflight preflight)
    {
        List<string> obstacles =
        [
            .. preflight.Plan.Obstacles,
            .. preflight.Folders.Select(folder => folder.Failure?.Detail).OfType<string>(),
            .. preflight
                .Quotas?.Where(quota => quota.Verdict == QuotaVerdict.Exceeded)
                .Select(quota => $"Quota \"{quota.Quota.Root}\" is exceeded.")
                ?? [],
            .. preflight.Follow?.Problem is { } problem ? [problem.Detail] : Array.Empty<string>(),
        ];
        return obstacles.Count == 0
            ? new("Folders and quota", true, "all folders can be read, and what is to come fits.")
            : new("Folders and quota", false, string.Join(' ', obstacles));
    }

    private CutoverCheck TooLarge(Preflight preflight)
    {
        var large = preflight.Folders.Sum(folder => folder.TooLarge.Messages);
        return large == 0
            ? new("Too large", true, "no message.")
            : new("Too large", request.AcceptsIncomplete, $"{Messages(large)} cannot be copied.{Accepting}");
    }

    private static CutoverCheck Consent(Preflight preflight) =>
        preflight.Follow?.Deletions.Where(deletion => deletion.Held is not null).Select(deletion => deletion.Held!).ToList()
            is { Count: > 0 } held
            ? new("Deletions", false, $"{string.Join(' ', held)} If they are meant, add --allow-deletions.")
            : new("Deletions", true, "none needs consent.");

    private CutoverCheck Differences(long differing) =>
        differing == 0
            ? new("Differences", true, "none in earlier runs.")
            : new(
                "Differences",
                request.AcceptsIncomplete,
                $"missing, doubled or altered at the target, as earlier runs reported: {Messages(differing)}.{Accepting}"
            );

    private static string Messages(long count) => $"{count:N0} message{(count == 1 ? "" : "s")}";

    private string Accepting => request.AcceptsIncomplete ? " That is accepted." : " --accept-incomplete accepts that.";

    /// <returns>Messages that the target does not hold once, with the bytes of the source.</returns>
    private async Task<long> DifferingAsync(CancellationToken stop)
    {
        await using var records = await store.OpenRecordsAsync(_pair, stop);
        var differing = 0L;
        foreach (var folder in records is null ? [] : await records.FoldersAsync(stop))
        {
            await foreach (var record in folder.ReadAllAsync(records!, s_differs, stop))
                differing += RecordedDifferences.Of(record).Any(known => RecordedDifferences.IsLasting(known.Kind)) ? 1 : 0;
        }
        return differing;
    }
}
