using System.CommandLine;
using Migrator.Core.Rounds;
using Migrator.Worker.Schedules;
using Migrator.Worker.Views;

namespace Migrator.Worker.Commands;

/// <summary><c>migrator status</c>: where every mailbox of every job stands.</summary>
internal static class StatusCommand
{
    private const int LongestError = 60;

    public static Command Create()
    {
        var job = new Argument<string?>("job") { Description = "The job's name. Default: all jobs.", Arity = ArgumentArity.ZeroOrOne };
        var failed = new Option<bool>("--failed") { Description = "Only mailboxes whose last run was not complete." };
        var command = new Command("status", "Show where every mailbox stands.") { job, failed };
        command.SetAction((parsed, stop) => Edge.GuardAsync(CommandLine.Here(parsed, stop), async surroundings =>
        {
            await using var stores = Stores.Open(surroundings);
            return await RunAsync(stores, parsed.GetValue(job), parsed.GetValue(failed), surroundings, stop).ConfigureAwait(false);
        }));
        return command;
    }

    private static async Task<int> RunAsync(Stores stores, string? only, bool failed, Surroundings surroundings, CancellationToken stop)
    {
        if (only is not null)
            await stores.Control.ShouldBeKnownAsync(only, stop).ConfigureAwait(false);
        var (screen, paused, now) = (new Screen(surroundings), await stores.Rounds.PausedAsync(stop).ConfigureAwait(false), await stores.Rounds.NowAsync(stop).ConfigureAwait(false));
        var known = await stores.Rounds.MailboxesAsync(only, stop).ConfigureAwait(false);
        var mailboxes = known.Where(mailbox => !failed || mailbox.State is MailboxRunState.Partial or MailboxRunState.Failed).ToList();
        var next = stores.Catalogue.Jobs.ToDictionary(job => job.Name, job => paused.Contains(job.Name) ? "paused" : NextRun.Of(job, now) is { } start ? Format.Moment(start) : "");
        var wanted = mailboxes.Select(mailbox => mailbox.Job).Distinct().ToDictionary(job => job, stores.Catalogue.Wanted);
        screen.Table("", ["Job", "Mailbox", "State", "#Done", "#Of", "#Moved", "#Failed", "Last good", "Next run", "Last error"],
        [
            .. mailboxes.Select(mailbox => new[]
            {
                mailbox.Job, mailbox.Mailbox, State(mailbox, now), Format.Count(mailbox.Headway?.Done ?? mailbox.Counts.Found - mailbox.Counts.Remaining), Format.Count(mailbox.Headway?.Expected ?? mailbox.Counts.Found),
                Format.Count(mailbox.Counts.Delivered), Format.Count(mailbox.Headway?.Failed ?? mailbox.Counts.Failed), mailbox.LastGood is { } good ? Format.Moment(good) : "never", Gone(mailbox) ? "in no job file" : next.GetValueOrDefault(mailbox.Job, "a job file is broken"),
                mailbox.Failure is { } failure ? Cut($"{failure.Code}: {failure.Detail}") : "",
            }),
        ]);
        foreach (var mailbox in mailboxes)
            screen.Say(new { Event = "mailbox", Status = mailbox, Gone = Gone(mailbox) });
        foreach (var job in mailboxes.Where(Gone).CountBy(mailbox => mailbox.Job))
            screen.Say(new { Event = "gone", Job = job.Key, Mailboxes = job.Value }, $"In no job file of {stores.Settings.Jobs}: {Format.Count(job.Value, "mailbox", "mailboxes")} of {job.Key}. \"migrator jobs forget {job.Key}\" takes {(job.Value == 1 ? "it" : "them")} off this list.");
        var ran = known.Select(status => (status.Job, status.Mailbox)).ToHashSet();
        var never = stores.Catalogue.Jobs.Where(job => only is null || job.Name == only).Sum(job => job.Mailboxes.Count(mailbox => !ran.Contains((job.Name, mailbox.Name))));
        if (never > 0 && !failed)
            screen.Say(new { Event = "neverRun", Mailboxes = never }, $"{Format.Count(never, "mailbox", "mailboxes")} never ran yet.");
        foreach (var job in stores.Catalogue.Jobs.Where(job => only is null || job.Name == only))
            screen.Say(new { Event = "job", Job = job.Name, Paused = paused.Contains(job.Name), Next = NextRun.Of(job, now) }, paused.Contains(job.Name) ? [$"{job.Name} is paused."] : Array.Empty<string>());
        return mailboxes.Exists(mailbox => mailbox.State is MailboxRunState.Partial or MailboxRunState.Failed) ? ExitCode.Incomplete : ExitCode.Success;

        bool Gone(MailboxStatus mailbox) => wanted[mailbox.Job] is { } names && !names.Contains(mailbox.Mailbox);
    }

    private static string State(MailboxStatus mailbox, DateTimeOffset now) => mailbox.State switch
    {
        MailboxRunState.Waiting when mailbox.NotBefore > now => $"waiting until {mailbox.NotBefore.ToLocalTime():HH:mm:ss} (attempt {mailbox.Attempt + 1})",
        MailboxRunState.Running when mailbox.Headway?.Eta is { } eta => $"running, {Format.Duration(TimeSpan.FromSeconds(eta))} left",
        var state => state.ToString().ToLowerInvariant(),
    };

    private static string Cut(string text) => text.Length <= LongestError ? text : text[..(LongestError - 1)] + "…";
}
