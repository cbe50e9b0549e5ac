using Migrator.App.Formatting;
using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Service.Dashboard.Feed;

namespace Migrator.Service.Dashboard.Parts;

/// <summary>Phrases and addresses of the pages.</summary>
internal static class Words
{
    public static string JobUrl(string job) => "/jobs/" + string.Join('/', job.Split('/').Select(Uri.EscapeDataString));

    public static string MailboxUrl(string job, string mailbox) => $"{JobUrl(job)}?mailbox={Uri.EscapeDataString(mailbox)}";

    public static string Mailboxes(int count) => count == 1 ? "1 mailbox" : $"{Format.Count(count)} mailboxes";

    public static string Of(MailboxRunState? state) =>
        state switch
        {
            null => "Not yet run",
            MailboxRunState.Partial => "Incomplete",
            _ => state.Value.ToString(),
        };

    public static string Of(JobState state) =>
        state switch
        {
            JobState.NotYetRun => "Not yet run",
            JobState.Attention => "Needs attention",
            _ => state.ToString(),
        };

    public static string Of(JobRunTrigger cause) =>
        cause switch
        {
            JobRunTrigger.Schedule => "schedule",
            JobRunTrigger.Manual => "manual",
            _ => "retry",
        };

    /// <summary>"imap old.example → imap new.example", of the first mailbox.</summary>
    public static string Route(JobDefinition? definition) =>
        definition?.Mailboxes.FirstOrDefault()?.Job switch
        {
            MigrateJob job => $"{job.Source.Host} → {job.Target.Host}",
            BackupJob job => $"{job.Source.Host} → archive",
            UpkeepJob => "restore test, check and prune",
            _ => "",
        };

    public static string Kind(JobDefinition? definition) =>
        definition?.Mailboxes.FirstOrDefault()?.Job switch
        {
            MigrateJob => "Migration",
            BackupJob => "Backup",
            UpkeepJob => "Upkeep",
            _ => "Job",
        };

    public static string Of(Schedule? schedule)
    {
        if (schedule is null)
            return "manual";
        var zone = schedule.Zone == TimeZoneInfo.Utc ? "UTC" : schedule.Zone.Id;
        var when = schedule switch
        {
            { Cron: { } cron } => $"cron {cron}, {zone}",
            { Every: { } every } => $"every {RelativeTime.Short(every)}",
            { At: { } at } => $"once, at {at:yyyy-MM-dd HH:mm}, {zone}",
            _ => "manual",
        };
        return schedule.Window is { } window ? $"{when}; only from {window.From:HH\\:mm} to {window.To:HH\\:mm}" : when;
    }

    /// <summary>"1,204 of 3,000".</summary>
    public static string Progress(RunProgressSnapshot progress) => $"{Format.Count(progress.Done)} of {Format.Count(progress.Expected)}";

    public static string Eta(double? seconds) => seconds is { } left ? RelativeTime.Short(TimeSpan.FromSeconds(Math.Min(left, 1e8))) : "–";
}
