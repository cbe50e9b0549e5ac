using Migrator.App.Hosting;
using Migrator.Core.Discovery;
using Migrator.Core.Failures;

namespace Migrator.Cli.Commands;

/// <summary>Finds the servers of addresses, and asks a person before a third party is asked.</summary>
internal sealed class DiscoveryQuestions(CommandContext context, IServerDiscovery discovery, Confirmation confirmation)
{
    private const string Database = "autoconfig.thunderbird.net";

    /// <param name="askDatabase">The person has said so already.</param>
    /// <param name="mayAsk">The person may be asked.</param>
    /// <returns>Everything that was found, tried where nothing proves it.</returns>
    public async Task<IReadOnlyList<DiscoveredServers>> FindAsync(
        IReadOnlyList<MailboxAddress> addresses,
        bool askDatabase,
        bool mayAsk,
        CancellationToken stop
    )
    {
        new CommandOutput(context).Doing(
            $"Searching for the mail server of {string.Join(" and ", addresses.Select(address => address.Text))}."
        );
        var all = await Task.WhenAll(addresses.Select(address => discovery.FindAsync(address, askDatabase, stop)));
        for (var at = 0; at < all.Length; at++)
        {
            var address = addresses[at];
            if (
                all[at].IsGuessed
                && !askDatabase
                && mayAsk
                && confirmation.CanAsk
                && await confirmation.AskAsync(
                    $"Nothing names a server of {address.Domain}. Ask Thunderbird's database at {Database}, which then learns the domain?",
                    stop
                )
            )
                all[at] = await discovery.FindAsync(address, askDatabase: true, stop);
        }
        return await Task.WhenAll(all.Select(found => TriedAsync(found, stop)));
    }

    /// <summary>Why there is nothing to use.</summary>
    public static MailException NothingUsable(DiscoveredServers found)
    {
        var domain = found.Address.Domain;
        return found.Servers.Count > 0
                ? new MailException(
                    Reason.ServerNotFound,
                    $"Only servers without TLS, or for reading alone, were found for {domain}: "
                        + $"{string.Join(", ", found.Servers.Select(server => server.Url).Distinct())}."
                )
            : found.IsPartial
                ? new MailException(
                    Reason.DiscoveryFailed,
                    $"No mail server of {domain} was found, and not every source answered. {Failed(found)}"
                )
            : new MailException(Reason.ServerNotFound, $"No mail server of {domain} was found.{Hinted(found)}");
    }

    private static string Failed(DiscoveredServers found) => Said(found, DiscoveryNoteKind.Failed);

    private static string Hinted(DiscoveredServers found) =>
        Said(found, DiscoveryNoteKind.Hint) is { Length: > 0 } hints ? $" {hints}" : "";

    private static string Said(DiscoveredServers found, DiscoveryNoteKind kind) =>
        string.Join(" ", found.Notes.Where(note => note.Kind == kind).Select(note => note.Text).Take(3));

    /// <summary>Each server once, however many sources name it; those that are proved need not be tried.</summary>
    private async Task<DiscoveredServers> TriedAsync(DiscoveredServers found, CancellationToken stop)
    {
        var tried = new Dictionary<(string, int), Task<DiscoveredServer>>();
        foreach (var server in found.Servers.Where(server => server.Trust == ServerTrust.None))
            tried.TryAdd((server.Host, server.Port), discovery.TryAsync(server, found.Address, stop));
        await Task.WhenAll(tried.Values);
        var servers = new List<DiscoveredServer>();
        foreach (var server in found.Servers)
            servers.Add(
                tried.TryGetValue((server.Host, server.Port), out var other) && await other is var same
                    ? server with
                    {
                        Certificate = same.Certificate,
                        Trust = same.Trust,
                    }
                    : server
            );
        return DiscoveredServers.Of(found.Address, servers, found.Notes);
    }
}
