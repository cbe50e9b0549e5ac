using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Output;
using Migrator.App.Settings;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>A command that is about one mailbox, for every mailbox of a job: side by side, within the limits of rounds. What is said of one stands
/// together.</summary>
internal static class EachMailbox
{
    private const int MostNames = 20;

    /// <returns>The exit code of the one mailbox; of several, the highest, as the worst matters.</returns>
    public static async Task<int> RunAsync(JobDefinition job, IReadOnlyCollection<string>? only, Func<Job, Surroundings, Task<int>> command, Surroundings surroundings, CancellationToken stop)
    {
        if (job.IsOneMailbox)
            return await command(job.Mailboxes[0].Job, surroundings).ConfigureAwait(false);
        var (screen, worst, wrong) = (new Screen(surroundings), ExitCode.Success, new List<string>());
        foreach (var row in job.BadRows.Where(row => only is null || only.Contains(row.Name)))
        {
            worst = ExitCode.Configuration;
            wrong.Add(row.Name);
            screen.Say(new JsonLine("badRow") { { "job", job.Name }, { "mailbox", row.Name }, { "place", row.Place }, { "errors", row.Errors } }, [$"{row.Where} cannot be used:", .. row.Errors.Select(error => $"  {error.Path}: {error.Message}")]);
        }
        var mailboxes = job.Mailboxes.Where(mailbox => only is null || only.Contains(mailbox.Name)).ToList();
        var (settings, done, turn) = (WorkerSettings.Read(surroundings.Settings), 0, new Lock());
        var hosts = mailboxes.SelectMany(mailbox => RoundPlans.Of(mailbox).Hosts).Distinct().ToDictionary(host => host, host => new SemaphoreSlim(settings.Hosts.Of(host)));
        await Parallel.ForEachAsync(mailboxes, new ParallelOptions { MaxDegreeOfParallelism = Math.Min(settings.AtOnce, job.Policy.AtOnce ?? settings.AtOnce), CancellationToken = stop }, async (mailbox, _) =>
        {
            // In one order for all: two that waited for each other's host would wait for ever.
            var entered = new Stack<SemaphoreSlim>();
            try
            {
                foreach (var host in RoundPlans.Of(mailbox).Hosts.Order(StringComparer.Ordinal).Select(host => hosts[host]))
                {
                    await host.WaitAsync(stop).ConfigureAwait(false);
                    entered.Push(host);
                }
                var (words, errors) = (new StringWriter(), new StringWriter());
                using var own = new Surroundings(surroundings, words, errors);
                // One that fails leaves the others to be looked at.
                var code = await Edge.SayAsync(() => command(mailbox.Job, own), () => surroundings.Verbose, errors, mailbox.Job.Purpose).ConfigureAwait(false);
                stop.ThrowIfCancellationRequested();
                lock (turn)
                {
                    worst = Math.Max(worst, code);
                    if (code != ExitCode.Success)
                        wrong.Add(mailbox.Name);
                    done++;
                    // What is in order is counted at the end.
                    if (surroundings.Quiet && code == ExitCode.Success)
                        return;
                    screen.Say(new JsonLine("mailbox") { { "mailbox", mailbox.Name }, { "exitCode", code } }, "", $"{mailbox.Name}{(mailboxes.Count > 1 ? $" ({Format.Count(done)} of {Format.Count(mailboxes.Count)})" : "")}:");
                    surroundings.Out.Write(words);
                    surroundings.Errors.Write(errors);
                }
            }
            finally
            {
                foreach (var host in entered)
                    host.Release();
            }
        }).ConfigureAwait(false);
        var all = job.BadRows.Count(row => only is null || only.Contains(row.Name)) + mailboxes.Count;
        if (all > 1)
            screen.Say(new JsonLine("mailboxes") { { "mailboxes", all }, { "wrong", wrong } }, "", wrong.Count == 0 ? $"{Format.Count(all)} mailboxes, all in order."
                : $"{Format.Count(all - wrong.Count)} of {Format.Count(all)} mailboxes are in order. Not, as said above: {string.Join(", ", wrong.Take(MostNames))}{(wrong.Count > MostNames ? $" and {Format.Count(wrong.Count - MostNames)} more" : "")}.");
        return worst;
    }
}
