using Migrator.Core.Jobs;
using Migrator.Worker.Views;

namespace Migrator.Worker.Commands;

/// <summary>A command that is about one mailbox, for each mailbox of a job in turn.</summary>
internal static class EachMailbox
{
    /// <returns>The exit code of the one mailbox; of several, the highest, as the worst matters.</returns>
    public static async Task<int> RunAsync(JobDefinition job, IReadOnlyCollection<string>? only, Func<Job, Task<int>> command, Surroundings surroundings, CancellationToken stop)
    {
        if (job.IsOneMailbox)
            return await command(job.Mailboxes[0].Job).ConfigureAwait(false);
        var (screen, worst) = (new Screen(surroundings), ExitCode.Success);
        foreach (var row in job.BadRows.Where(row => only is null || only.Contains(row.Name)))
        {
            worst = ExitCode.Configuration;
            screen.Say(new { Event = "badRow", Mailbox = row.Name, row.Place, row.Errors }, [$"{row.Name} ({row.Place}) cannot be used:", .. row.Errors.Select(error => $"  {error.Path}: {error.Message}")]);
        }
        foreach (var mailbox in job.Mailboxes.Where(mailbox => only is null || only.Contains(mailbox.Name)))
        {
            stop.ThrowIfCancellationRequested();
            screen.Say(new { Event = "mailbox", Mailbox = mailbox.Name }, "", $"{mailbox.Name}:");
            // One that fails leaves the others to be looked at.
            worst = Math.Max(worst, await Edge.SayAsync(() => command(mailbox.Job), () => surroundings.Verbose).ConfigureAwait(false));
        }
        if (only is null && job.Mailboxes.Count > 1)
            screen.Say(new { Event = "mailboxes", Mailboxes = job.Mailboxes.Count, job.BadRows }, "", worst == ExitCode.Success ? $"{Format.Count(job.Mailboxes.Count)} mailboxes, all in order." : "Not all mailboxes are in order; see above.");
        return worst;
    }
}
