using Migrator.App.Jobs;
using Migrator.Core.Jobs;
using Migrator.Core.Rounds;

namespace Migrator.Cli.Commands;

/// <summary>How many mailboxes may be worked on at each host at once.</summary>
internal sealed class HostSlots(IEnumerable<JobMailbox> mailboxes, HostLimits limits)
{
    private readonly Dictionary<string, SemaphoreSlim> _hosts =
        mailboxes.SelectMany(mailbox => RoundPlans.Of(mailbox).Hosts).Distinct().ToDictionary(host => host, host => new SemaphoreSlim(limits.Of(host)));

    public async Task<T> DuringAsync<T>(JobMailbox mailbox, Func<Task<T>> work, CancellationToken stop)
    {
        var entered = new Stack<SemaphoreSlim>();
        try
        {
            // In one order for all: two that waited for each other's host would wait for ever.
            foreach (var host in RoundPlans.Of(mailbox).Hosts.Order(StringComparer.Ordinal).Select(host => _hosts[host]))
            {
                await host.WaitAsync(stop).ConfigureAwait(false);
                entered.Push(host);
            }
            return await work().ConfigureAwait(false);
        }
        finally
        {
            foreach (var host in entered)
                host.Release();
        }
    }
}
