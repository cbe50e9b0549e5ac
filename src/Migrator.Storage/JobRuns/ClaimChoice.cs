using Migrator.Core.JobRuns;

namespace Migrator.Storage.JobRuns;

/// <summary>Chooses what a worker takes next, from what is in progress and what waits: a pure function.</summary>
internal static class ClaimChoice
{
    /// <param name="Hosts">That it keeps busy.</param>
    public sealed record Candidate(long Id, string Job, string Source, string Target, IReadOnlyList<string> Hosts);

    /// <param name="underWay">On all workers.</param>
    /// <param name="waiting">In the order in which they are due.</param>
    public static IReadOnlyList<Candidate> Choose(ClaimRequest request, IEnumerable<Candidate> underWay, IEnumerable<Candidate> waiting)
    {
        var (jobs, hosts, accounts) = (new Dictionary<string, int>(), new Dictionary<string, int>(), new HashSet<string>());
        foreach (var run in underWay)
            Count(run);
        var queues = waiting.GroupBy(run => run.Job).Select(group => new Queue<Candidate>(group)).ToList();
        var chosen = new List<Candidate>();
        while (chosen.Count < request.AtMost && queues.Count > 0)
        {
            // The job that has the fewest running: a job with thousands of mailboxes does not hold up one with a few.
            var queue = queues.MinBy(queue => (jobs.GetValueOrDefault(queue.Peek().Job), queue.Peek().Id))!;
            var next = queue.Dequeue();
            if (Fits(next))
            {
                chosen.Add(next);
                Count(next);
            }
            if (queue.Count == 0)
                queues.Remove(queue);
        }
        return chosen;

        bool Fits(Candidate run) =>
            (request.Jobs[run.Job] is not { } most || jobs.GetValueOrDefault(run.Job) < most)
            && run.Hosts.All(host => hosts.GetValueOrDefault(host) < request.Hosts.Of(host))
            && !accounts.Contains(run.Source)
            && !accounts.Contains(run.Target);

        void Count(Candidate run)
        {
            jobs[run.Job] = jobs.GetValueOrDefault(run.Job) + 1;
            foreach (var host in run.Hosts)
                hosts[host] = hosts.GetValueOrDefault(host) + 1;
            accounts.Add(run.Source);
            accounts.Add(run.Target);
        }
    }
}
