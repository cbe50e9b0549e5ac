using Microsoft.Extensions.Logging;
using Migrator.Core.Certificates;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Selection;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Migrations;

/// <summary>Reads both ends, hashes every message and compares: the proof. It trusts nothing that a run recorded; the
/// checkpoint only helps to tell an altered message from a missing one.</summary>
/// <param name="certificate">Given each message and what became of it; null where none is written.</param>
public sealed class Verification(
    Transfer transfer,
    MailboxEndpoints endpoints,
    ICheckpointStore store,
    TimeProvider time,
    ILogger log,
    CertificateDraft? certificate = null
)
{
    /// <summary>What was done to messages by somebody else and does not count against the target. It is named all the same.</summary>
    public IReadOnlySet<Rewrite> Tolerates { get; init; } = new HashSet<Rewrite>();

    /// <returns>Every difference, folder by folder.</returns>
    /// <exception cref="MailException">A server could not be reached or listed no folders: nothing is proved.</exception>
    /// <exception cref="MailboxBusyException">A run is at this mailbox.</exception>
    /// <exception cref="CheckpointException">The checkpoint store is of no use.</exception>
    /// <exception cref="FolderPlanException">The job's folder rules do not fit the two mailboxes.</exception>
    /// <exception cref="OperationCanceledException">Stopped; nothing is proved.</exception>
    public Task<VerifyReport> RunAsync(RunProgress progress, CancellationToken stop) =>
        RunInstrumentation.DuringAsync(
            progress,
            transfer,
            "verify",
            time,
            () => CompareAsync(progress, stop),
            report => (report.Identical ? RunOutcome.Complete : RunOutcome.Partial, null)
        );

    private async Task<VerifyReport> CompareAsync(RunProgress progress, CancellationToken stop)
    {
        var started = time.GetUtcNow();
        await using var checkpoint = await store.OpenAsync(new MailboxPair(transfer.Source, transfer.Target), stop);
        var (work, labelled, stopped, moved) = (new List<FolderVerification>(), new LabelledMail(), (Failure?)null, 0L);
        try
        {
            moved = await CompareAsync(checkpoint, work, labelled, progress, stop);
        }
        catch (MailException exception) when (work.Count > 0)
        {
            // What was compared until then is worth a report. What was not says so, folder by folder.
            stopped = Failure.Of(exception);
        }
        foreach (var folder in work)
            folder.Certify();
        return new VerifyReport(
            transfer.Name,
            transfer.Source,
            transfer.Target,
            started,
            time.GetUtcNow(),
            [.. work.Select(folder => folder.Result)],
            [.. work.SelectMany(folder => folder.Differences)],
            [.. progress.Notices]
        )
        {
            Stopped = stopped,
            Shortfall = labelled.Shortfall is { } shortfall ? Failure.Of(shortfall) : null,
            Moved = moved,
            Tolerates = [.. Tolerates.Order()],
            Tolerated = [.. work.SelectMany(folder => folder.Tolerated)],
        };
    }

    /// <returns>How many messages the target has moved.</returns>
    private async Task<long> CompareAsync(
        IMailboxCheckpoint checkpoint,
        List<FolderVerification> work,
        LabelledMail labelled,
        RunProgress progress,
        CancellationToken stop
    )
    {
        var ends = labelled.Of(endpoints);
        await using var first = new SessionPair(ends, new CheckpointUidMap(checkpoint), checkpoint.Lease);

        var records = await checkpoint.FoldersAsync(stop);
        var doubtful = new HashSet<FolderPath>();
        var (plan, targetFolders) = await new Retries(time, progress, log).RunAsync(
            first,
            "Listing folders",
            () => FolderPlan.MakeAsync(first.Source, first.Target, transfer.Folders, records, doubtful, stop),
            stop
        );
        plan.ThrowIfImpossible();
        await new Retries(time, progress, log).RunAsync(
            first,
            "Comparing folders",
            () => labelled.ReadAsync(first.Source, plan, stop),
            stop
        );
        foreach (var notice in plan.Notices)
            progress.Notice(notice);
        if (labelled.Shortfall is { } shortfall)
            progress.Notice($"{shortfall.Message} {shortfall.Reason.Hint}");
        foreach (var folder in plan.Excluded)
            progress.Notice($"{folder.Path} is left out by rule and was not compared.");

        if (certificate is not null)
        {
            certificate.Servers = (first.Source.ServerName, first.Target.ServerName);
            foreach (var folder in plan.Excluded.Concat(plan.Empty))
                await new Retries(time, progress, log).RunAsync(
                    first,
                    "Listing folders",
                    () => ListSkippedAsync(first.Source, folder.Path, certificate, stop),
                    stop
                );
        }

        progress.Phase = "Comparing";
        var findings = new RunIssues();
        var tolerated = new ToleratedList();
        using var earlier = new EarlierCopies();
        earlier.Begin(targetFolders);
        var byTarget = records.ToLookup(record => record.Target);
        var leftOut = MessageSelection.Of(transfer.Messages, time.GetUtcNow()) is { } selection
            ? new LeftOutMail(selection, checkpoint, records)
            : null;
        work.AddRange(
            plan.Mappings.GroupBy(mapping => mapping.Target)
                .Select(group => new FolderVerification(
                    [.. group],
                    checkpoint,
                    [.. byTarget[group.Key]],
                    findings,
                    progress.Add(group.First().Source.Path, group.Key, group.Sum(mapping => mapping.Source.State?.Count ?? 0)),
                    earlier,
                    leftOut,
                    transfer.Options.AcceptMerged,
                    Tolerates.Count > 0 ? new RewriteTolerance(Tolerates) : null,
                    tolerated,
                    certificate
                ))
        );
        await new SessionPairPool(
            () => new SessionPair(ends, new CheckpointUidMap(checkpoint), checkpoint.Lease),
            time,
            progress,
            log
        ).RunAsync(
            first,
            first.Connections(transfer.Options.Connections),
            work,
            (folder, sessions, token) => folder.CompareAsync(sessions.Source, sessions.Target, token),
            stop,
            keepFirst: true
        );
        var moved = await new MovedMailVerification(work, targetFolders, checkpoint, progress, time, log).FindAsync(first, stop);
        if (work.Sum(folder => folder.Result.LeftOut) is > 0 and var left)
            progress.Notice(
                $"{left:N0} message{(left == 1 ? " is" : "s are")} left out by rule and {(left == 1 ? "was" : "were")} not compared."
            );
        foreach (var omitted in findings.Omitted)
            progress.Notice(omitted);
        if (tolerated.Omitted is { } further)
            progress.Notice(further);
        return moved;
    }

    /// <summary>Names the messages of a folder that is left out by rule.</summary>
    private static async Task<int> ListSkippedAsync(
        IMailSource source,
        FolderPath folder,
        CertificateDraft certificate,
        CancellationToken stop
    )
    {
        var (validity, reason) = (default(UidValidity), default(Reason));
        try
        {
            validity = (await source.OpenAsync(folder, stop)).UidValidity;
            foreach (var uid in await source.ListUidsAsync(1, stop))
                certificate.Add(new CertifiedMessage(folder, validity, uid, CertifiedState.Skipped, null, null));
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder)
        {
            reason = exception.Reason;
        }
        certificate.Add(new CertifiedFolder(folder, validity, CertifiedFolder.Skipped, reason?.Code, null));
        return 0;
    }
}
