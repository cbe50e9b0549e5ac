using Migrator.Core.Reports;

namespace Migrator.App.Reports;

/// <summary>The next steps of a job, each once: what helps one mailbox often helps all that failed for one reason.</summary>
public static class JobSteps
{
    public static IReadOnlyList<JobStep> Of(JobReport report) =>
        [
            .. report
                .Mailboxes.SelectMany(mailbox => mailbox.Reasons.Select(reason => (mailbox.Mailbox, reason.Code, reason.Hint)))
                .Distinct()
                .GroupBy(reason => (reason.Code, reason.Hint))
                .Select(group => new JobStep(group.Key.Code, group.Key.Hint, [.. group.Select(reason => reason.Mailbox)]))
                .OrderByDescending(step => step.Mailboxes.Count),
        ];
}
