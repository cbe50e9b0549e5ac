using Migrator.App.Formatting;
using Migrator.Core.JobRuns;
using Migrator.Core.Migrations;

namespace Migrator.Service.Notifications;

/// <summary>Tells of a job run that is over.</summary>
internal static class JobRunNotification
{
    // Of 10,000 mailboxes that a dead server failed, a webhook wants to know the number and not each.
    private const int MostNotComplete = 1000;

    /// <param name="upkeep">It is of archives, not of mailboxes.</param>
    public static Notification Of(JobRunStatus jobRun, IReadOnlyList<MailboxStatus> runs, bool upkeep, Uri? dashboard)
    {
        var (job, counts, finished) = (jobRun.Job, jobRun.Runs, jobRun.Finished ?? jobRun.Started);
        var missing = counts.All - counts.Complete;
        var (one, many) = upkeep ? ("archive", "archives") : ("mailbox", "mailboxes");
        var verdict = Verdict(counts, one, many);
        List<MailboxStatus> bad = [.. runs.Where(run => run.State != MailboxRunState.Complete)];
        var link = NotificationFormat.Link(dashboard, job);
        // Numbers are a store's own: with the time, another installation that tells the same people has another.
        var id = $"migrator.job_run.{jobRun.JobRun}.{jobRun.Started.ToUnixTimeMilliseconds()}";
        var page = new NotificationContent(
            $"{job}: {verdict}",
            missing == 0,
            [
                ("Job", job),
                ("Started", Format.Moment(jobRun.Started) + Cause(jobRun)),
                ("Took", Format.Duration(finished - jobRun.Started)),
                (Title(many), NotificationFormat.Counts(counts)),
                (
                    "Messages",
                    NotificationFormat.Counts(
                        jobRun.Messages,
                        DisplayText
                            .Done(DisplayText.OperationOf(runs.FirstOrDefault(run => run.Target.Length > 0)?.Target ?? ""))
                            .ToLowerInvariant()
                    )
                ),
            ],
            [
                NotificationTable.Of(
                    $"{Title(many)} that are not complete",
                    [Title(one), "State", "Why", "What to do", "Last complete"],
                    bad,
                    run =>
                        [
                            run.Mailbox,
                            State(run),
                            run.Failure is { } failure ? $"{failure.Code}: {failure.Detail}" : "",
                            run.Failure?.Hint ?? "",
                            run.LastSuccess is { } good ? Format.Moment(good) : "never",
                        ]
                ),
            ],
            link
        );
        return new Notification(
            id,
            NotificationFormat.Subject($"{job}: {verdict}"),
            finished,
            page,
            NotificationFormat.Json(
                new
                {
                    Event = "jobRun.finished",
                    NotificationFormat.Version,
                    Id = id,
                    Job = job,
                    jobRun.JobRun,
                    jobRun.Cause,
                    jobRun.ScheduledFor,
                    jobRun.Started,
                    Finished = finished,
                    Outcome = Outcome(counts),
                    Runs = new
                    {
                        counts.All,
                        counts.Complete,
                        counts.Partial,
                        counts.Failed,
                        counts.Cancelled,
                    },
                    jobRun.Messages,
                    NotComplete = bad.Take(MostNotComplete)
                        .Select(run => new
                        {
                            run.Mailbox,
                            run.Run,
                            run.State,
                            run.Failure?.Code,
                            run.Failure?.Detail,
                            run.Failure?.Hint,
                            Messages = run.Counts,
                            run.LastSuccess,
                        }),
                    Link = link,
                }
            )
        );
    }

    /// <summary>"198 of 200 mailboxes complete, 2 not".</summary>
    private static string Verdict(RunCounts counts, string one, string many) =>
        (counts.All, counts.All - counts.Complete) switch
        {
            (1, 0) => $"its {one} is complete",
            (1, _) => $"its {one} is not complete",
            (var all, 0) => $"all {Format.Count(all)} {many} complete",
            var (all, missing) => $"{Format.Count(counts.Complete)} of {Format.Count(all)} {many} complete, {Format.Count(missing)} not",
        };

    private static string Title(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    /// <summary>In JSON: <c>complete</c>; <c>partial</c> where some of it is done; <c>cancelled</c> where a person ended all that is not;
    /// else <c>failed</c>.</summary>
    public static string Outcome(RunCounts counts) =>
        counts switch
        {
            _ when counts.Complete == counts.All => "complete",
            { Failed: 0, Partial: 0 } => "cancelled",
            { Complete: 0, Partial: 0 } => "failed",
            _ => "partial",
        };

    /// <summary>For people.</summary>
    public static string Word(RunCounts counts) => Outcome(counts) is var outcome && outcome == "partial" ? "incomplete" : outcome;

    private static string State(MailboxStatus run) =>
        run.State switch
        {
            // What is wrong is in its reason.
            MailboxRunState.Partial when run.Counts is { Failed: 0, Remaining: 0 } => DisplayText.Of(run.State),
            MailboxRunState.Partial => $"{DisplayText.Of(run.State)}: {Format.Count(run.Counts.Failed + run.Counts.Remaining)} of "
                + $"{Format.Count(run.Counts.Found, "message")} missing",
            MailboxRunState.Failed => $"failed after {Format.Count(run.Attempt, "attempt")}",
            var state => DisplayText.Of(state),
        };

    private static string Cause(JobRunStatus jobRun) =>
        jobRun.Cause switch
        {
            JobRunTrigger.Schedule => "",
            JobRunTrigger.Retry => ", manual, for selected mailboxes",
            _ => ", manual",
        };
}
