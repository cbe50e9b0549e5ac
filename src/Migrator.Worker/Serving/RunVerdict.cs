using Migrator.Core.Blobs;
using Migrator.Core.Checkpoints;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Rounds;
using Migrator.Core.Runs;

namespace Migrator.Worker.Serving;

/// <summary>What becomes of a run: over, or another attempt later.</summary>
/// <param name="Fault">It is a fault in the program.</param>
public sealed record RunVerdict(MailboxRunState State, Failure? Failure, TimeSpan Wait, bool Spent, bool Fault = false)
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_busyWait = TimeSpan.FromSeconds(10);

    // What time may heal. Not a refused login: accounts are locked by trying again. But a server that answered with something else, or not at all: most
    // often its settings are wrong, but so does a load balancer whose servers are being restarted.
    private static readonly HashSet<string> s_passing =
    [
        Reason.HostUnknown.Code, Reason.TlsMode.Code, Reason.ConnectionRefused.Code, Reason.ConnectionLost.Code, Reason.ServerBusy.Code, Reason.TemporaryFailure.Code, Reason.MailboxLocked.Code, Reason.SpoolFailed.Code, Reason.CheckpointFailed.Code,
        Reason.ArchiveInUse.Code, Reason.StoreUnreachable.Code, Reason.StoreFull.Code, Reason.HoldLost.Code,
        Reason.VaultUnreachable.Code, Reason.AuditUnwritable.Code,
    ];

    public static RunVerdict Of(RunReport report, RunStop stop, int attempt, RunPolicy policy) => report.Outcome switch
    {
        RunOutcome.Complete => new(MailboxRunState.Complete, null, TimeSpan.Zero, false),
        RunOutcome.Interrupted => Stopped(stop),
        RunOutcome.Aborted => Failed(report.Stopped!, attempt, policy),
        _ => new(MailboxRunState.Partial, First(report), TimeSpan.Zero, false),
    };

    public static RunVerdict Of(Exception exception, RunStop stop, int attempt, RunPolicy policy, Purpose purpose = Purpose.Copy) => exception switch
    {
        OperationCanceledException when stop != RunStop.None => Stopped(stop),
        MailboxBusyException => new(MailboxRunState.Waiting, new Failure("mailbox-busy", exception.Message, "It goes on by itself when the other run is over."), s_busyWait, false),
        MailException mail => Failed(new Failure(mail.Reason.Code, mail.Message, Hints.Of(mail.Reason, purpose)), attempt, policy),
        StorageException storage => Failed(new Failure(storage.Reason.Code, storage.Message, Hints.Of(storage.Reason, purpose)), attempt, policy),
        CheckpointException => Failed(new Failure(Reason.CheckpointFailed.Code, exception.Message, Reason.CheckpointFailed.Hint), attempt, policy),
        JobFileException job => Final(new Failure("secret-missing", string.Join(' ', job.Errors.Select(error => $"{job.File}: {error.Path}: {error.Message}")), "Put it where the job says, for the user that the service runs as.")),
        FolderPlanException plan => Final(new Failure("folders-do-not-fit", string.Join(' ', plan.Obstacles), "Change the job's folder rules.")),
        _ => Final(new Failure(Reason.Fault.Code, $"{exception.GetType().Name}: {exception.Message}", Reason.Fault.Hint)) with { Fault = true },
    };

    private static RunVerdict Stopped(RunStop stop) => stop == RunStop.Cancelled
        ? Final(null) with { State = MailboxRunState.Cancelled }
        : new(MailboxRunState.Waiting, null, TimeSpan.Zero, false);

    private static RunVerdict Failed(Failure failure, int attempt, RunPolicy policy)
    {
        if (!s_passing.Contains(failure.Code) || attempt >= policy.Attempts)
            return Final(failure);
        var wait = TimeSpan.FromSeconds(Math.Min(policy.FirstWait.TotalSeconds * Math.Pow(2, attempt - 1), s_longestWait.TotalSeconds));
        // A little apart: hundreds that were cut off by one server must not come back in one moment.
        return new(MailboxRunState.Waiting, failure, wait * (0.8 + (0.4 * Random.Shared.NextDouble())), true);
    }

    private static RunVerdict Final(Failure? failure) => new(MailboxRunState.Failed, failure, TimeSpan.Zero, false);

    /// <summary>What a person should know first of a run that left something undone.</summary>
    private static Failure First(RunReport report)
    {
        // What is wrong with the archive or the mailbox comes before what is with single messages.
        if (report.Problems is [var problem, ..])
            return report.Problems.Count == 1 ? problem : problem with { Detail = $"{report.Problems.Count:N0} problems. First: {problem.Detail}" };
        var failures = report.Folders.Select(folder => folder.Failure).OfType<Failure>().Concat(report.Failures.Select(message => message.Failure)).ToList();
        var counts = report.Total;
        var differing = report.DifferenceCounts.GetValueOrDefault(DifferenceKind.Missing) + report.DifferenceCounts.GetValueOrDefault(DifferenceKind.Content) + report.DifferenceCounts.GetValueOrDefault(DifferenceKind.Duplicate);
        if (failures.Count == 0)
            return new Failure("not-complete", $"{counts.Remaining:N0} messages remain, {differing:N0} are not as they were sent.", "The report names them.");
        return failures[0] with { Detail = $"{counts.Failed:N0} messages failed, {counts.Remaining:N0} remain. First: {failures[0].Detail}" };
    }
}
