using System.Diagnostics;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Telemetry;

/// <summary>One run as metrics and traces see it.</summary>
internal sealed class RunInstrumentation : IRunObserver
{
    // The outcome of a run that did not begin, or ended by a fault.
    private const string Failed = "failed";

    private readonly RunProgress _progress;
    private readonly int _before;

    private RunInstrumentation(RunProgress progress, string job, Transfer transfer, string kind)
    {
        (_progress, _before) = (progress, progress.Folders.Count);
        (From, To) = (new RunSeries(job, kind, Host(transfer.Source)), new RunSeries(job, kind, Host(transfer.Target)));
    }

    public RunSeries From { get; }

    public RunSeries To { get; }

    private IEnumerable<FolderProgress> Folders => _progress.Folders.Skip(_before);

    public Moved Read =>
        Folders.Aggregate(
            default(Moved),
            (sum, folder) => new Moved(sum.Messages + folder.CapturedMessages, sum.Bytes + folder.CapturedBytes)
        );

    public Moved Written =>
        Folders
            .Select(folder => folder.Counts)
            .Aggregate(default(Moved), (sum, counts) => new Moved(sum.Messages + counts.Delivered, sum.Bytes + counts.DeliveredBytes));

    public void MessagesFailed(string reason, long count) => RunMetrics.Failed(this, reason, count);

    public void FolderFailed(string reason) => RunMetrics.FolderFailed(this, reason);

    public void BackedOff(string reason) => RunMetrics.BackedOff(this, reason);

    /// <summary>Does a run and observes it meanwhile.</summary>
    /// <param name="kind">Such as <c>migrate</c>.</param>
    /// <param name="ended">How the run ended: outcome, and the code of what stopped it.</param>
    public static async Task<T> DuringAsync<T>(
        RunProgress progress,
        Transfer transfer,
        string kind,
        TimeProvider time,
        Func<Task<T>> run,
        Func<T, (RunOutcome Outcome, string? Reason)> ended
    )
    {
        var identity = progress.Identity ?? new RunIdentity(transfer.Name, null, 1);
        var measure = new RunInstrumentation(progress, identity.Job, transfer, kind);
        var started = time.GetTimestamp();
        var (outcome, reason) = (Failed, (string?)null);
        progress.Observer = measure;
        RunMetrics.Began(measure);
        using var span = RunActivities
            .Start($"run {kind}")
            ?.SetTag("migrator.job", identity.Job)
            .SetTag("migrator.kind", kind)
            .SetTag("migrator.attempt", identity.Attempt)
            .SetTag("migrator.source.host", measure.From.Host)
            .SetTag("migrator.target.host", measure.To.Host);
        if (identity.Mailbox is { } mailbox)
            span?.SetTag("migrator.mailbox", mailbox);
        try
        {
            var result = await run();
            (var how, reason) = ended(result);
            outcome = Word(how);
            return result;
        }
        catch (OperationCanceledException)
        {
            outcome = Word(RunOutcome.Interrupted);
            throw;
        }
        catch (Exception exception)
        {
            reason = RunActivities.Code(exception);
            throw;
        }
        finally
        {
            RunMetrics.Ended(measure, time.GetElapsedTime(started), outcome, reason);
            progress.Observer = null;
            span?.SetTag("migrator.outcome", outcome);
            if (reason is not null)
                span?.Fail(reason);
        }
    }

    private static string Word(RunOutcome outcome) => outcome.ToString().ToLowerInvariant();

    // What is not an account at a server is an archive or files: a place on disk would be one series each.
    private static string Host(string end) =>
        Uri.TryCreate(end, UriKind.Absolute, out var place) && !place.IsFile && place.Host.Length > 0 ? place.Host : "local";
}
