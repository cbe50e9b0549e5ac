using Migrator.App.Formatting;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;

namespace Migrator.Cli.Output;

/// <summary>The table of <c>migrator status</c>: a job's mailboxes.</summary>
/// <param name="now">By the store's clock.</param>
/// <param name="zone">Whose time is shown.</param>
public sealed class StatusTable(Operation operation, DateTimeOffset now, TimeZoneInfo zone)
{
    public IReadOnlyList<FittedColumn> Columns =>
        [
            new(operation == Operation.Upkeep ? "Archive" : "Mailbox", Least: 15),
            new("State", Least: 12, IsSentence: true),
            new("Messages", Right: true),
            new(DisplayText.Done(operation), Right: true, Rank: 3),
            new("Failed", Right: true),
            new("Last success", Rank: 1),
            new("Proved restorable", Rank: 2),
        ];

    /// <param name="proved">When it was last proved restorable; empty where the job has no restore test.</param>
    public string[] Cells(MailboxStatus mailbox, string proved)
    {
        var (progress, counts) = (mailbox.Progress, mailbox.Counts);
        var failed = progress?.Failed ?? counts.Failed;
        // What failed is not done.
        var (done, all) = (Math.Max(0, (progress?.Done ?? counts.Found - counts.Remaining) - failed), progress?.Expected ?? counts.Found);
        return
        [
            mailbox.Mailbox,
            State(mailbox),
            $"{Format.Count(done)}/{Format.Count(all)}",
            operation == Operation.Upkeep ? "" : Format.Count(counts.Delivered),
            failed == 0 ? "" : Format.Count(failed),
            mailbox.LastSuccess is { } good ? Format.Minute(good, zone) : "never",
            proved,
        ];
    }

    /// <inheritdoc cref="Cells(MailboxStatus, string)"/>
    public static string[] NeverRan(string mailbox, string proved) => [mailbox, "never ran", "", "", "", "never", proved];

    private string State(MailboxStatus mailbox) =>
        mailbox.State switch
        {
            MailboxRunState.Waiting when mailbox.NotBefore > now =>
                $"waiting until {TimeZoneInfo.ConvertTime(mailbox.NotBefore, zone):HH:mm:ss} (attempt {mailbox.Attempt + 1})",
            MailboxRunState.Running when mailbox.Progress?.StalledFor is { } stalled =>
                $"running, no progress for {Format.Duration(TimeSpan.FromSeconds(stalled))}",
            MailboxRunState.Running when mailbox.Progress?.Eta is { } eta => $"running, {Format.Duration(TimeSpan.FromSeconds(eta))} left",
            var state => DisplayText.Of(state),
        };
}
