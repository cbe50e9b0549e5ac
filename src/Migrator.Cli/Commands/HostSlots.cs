using Migrator.App.Jobs;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>How many mailboxes may be worked on at each host at once.</summary>
internal sealed class HostSlots(IEnumerable<JobMailbox> mailboxes, HostLimits limits)
{
    private readonly Dictionary<string, SemaphoreSlim> _hosts = mailboxes
        .SelectMany(mailbox => JobRunPlanner.Of(mailbox).Hosts)
        .Distinct()
        .ToDictionary(host => host, host => new SemaphoreSlim(limits.Of(host)));

    public async Task<T> DuringAsync<T>(JobMailbox mailbox, Func<Task<T>> work, CancellationToken stop)
    {
        var entered = new Stack<SemaphoreSlim>();
        try
        {
            // In one order for all: two that waited for each other's host would wait for ever.
            foreach (var host in JobRunPlanner.Of(mailbox).Hosts.Order(StringComparer.Ordinal).Select(host => _hosts[host]))
            {
                await host.WaitAsync(stop);
                entered.Push(host);
            }
            return await work();
        }
        finally
        {
            foreach (var host in entered)
                host.Release();
        }
    }
}
