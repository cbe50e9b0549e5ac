using System.CommandLine;
using Migrator.App.Hosting;
using Migrator.Core.Discovery;
using Migrator.Core.Failures;

namespace Migrator.Cli.Commands;

/// <summary>Accounts that are given by their addresses: their servers are searched for, and a person confirms them. Where nobody is there,
/// only those are used that are proved: anyone who can forge an answer of DNS must not get a password.</summary>
/// <param name="yes">Nobody is to be asked.</param>
internal sealed class FoundAccounts(CommandContext context, bool yes)
{
    private readonly Confirmation _confirmation = new(context);

    public static Option<bool> Yes() =>
        new("--yes")
        {
            Description =
                "With mail addresses: ask nothing, and use only servers that are proved to be the right ones (known providers, the same "
                + "domain, a certificate for it).",
        };

    /// <inheritdoc cref="UrlAsync"/>
    public async Task<(string Source, string Target)> UrlsAsync(string source, string target, CancellationToken stop)
    {
        var urls = await UrlsAsync([(source, "source", false), (target, "target", true)], stop);
        return (urls[0], urls[1]);
    }

    /// <param name="given">A URL, or an address.</param>
    /// <param name="what">Names the argument in errors.</param>
    /// <param name="toWrite">Mail is to be written to it.</param>
    /// <returns>The URL; as it was given, or of the server that was found and may be used.</returns>
    /// <exception cref="ConfigurationException">The address has an error.</exception>
    /// <exception cref="MailException">No server was found, or none that may be used.</exception>
    public async Task<string> UrlAsync(string given, string what, bool toWrite, CancellationToken stop) =>
        (await UrlsAsync([(given, what, toWrite)], stop))[0];

    private async Task<IReadOnlyList<string>> UrlsAsync(
        IReadOnlyList<(string Given, string What, bool ToWrite)> accounts,
        CancellationToken stop
    )
    {
        var addresses = accounts
            .Where(account => MailboxAddress.IsMeant(account.Given))
            .Select(account => (account.Given, account.ToWrite, Address: MailboxAddress.Parse(account.Given, account.What)))
            .ToList();
        if (addresses.Count == 0)
            return [.. accounts.Select(account => account.Given)];
        using var discovery = context.OpenDiscovery();
        var questions = new DiscoveryQuestions(context, discovery, _confirmation);
        var found = await questions.FindAsync([.. addresses.Select(account => account.Address)], askDatabase: false, mayAsk: !yes, stop);
        // All of them are known before the first question, and no password is asked for before the last.
        var chosen = addresses
            .Zip(found)
            .Select(pair => (pair.First.Given, Server: Usable(pair.Second, pair.First.ToWrite), pair.First.Address))
            .ToList();
        var urls = new Dictionary<string, string>();
        foreach (var (given, server, address) in chosen)
            urls[given] = await AcceptedAsync(server, address, discovery, stop);
        return [.. accounts.Select(account => urls.GetValueOrDefault(account.Given, account.Given))];
    }

    private static DiscoveredServer Usable(DiscoveredServers found, bool toWrite)
    {
        var best = found.Best(toWrite) ?? throw DiscoveryQuestions.NothingUsable(found);
        return best.Login is not (DiscoveredLogin.Microsoft or DiscoveredLogin.OAuth)
            ? best
            : throw new MailException(
                Reason.TokenRequired,
                $"{found.Address.Domain} is at {best.Provider?.Title ?? best.Host}, which accepts access tokens only."
            );
    }

    /// <returns>The URL of a server that was confirmed, or is proved.</returns>
    private async Task<string> AcceptedAsync(
        DiscoveredServer server,
        MailboxAddress address,
        IServerDiscovery discovery,
        CancellationToken stop
    )
    {
        if (!yes && _confirmation.CanAsk)
        {
            server = await discovery.TryAsync(server, address, stop);
            if (!await _confirmation.AskAsync(Question(server), stop))
                throw new MailException(Reason.ServerUnproven, $"{server.Endpoint} was not confirmed. Nothing was sent. {Instead(server)}");
        }
        else if (!server.IsProven)
            throw new MailException(
                Reason.ServerUnproven,
                $"{server.Endpoint} was found for {address.Text} ({By(server)}), and nothing proves that it belongs to {address.Domain}. "
                    + $"Nothing was sent. {Instead(server)}"
            );
        else
            context.Errors.WriteLine($"{address.Text}: {server.Endpoint} ({By(server)}; {server.Trust.Title()}).");
        return server.Url + Pin(server);
    }

    private static string Question(DiscoveredServer server) =>
        $"Connect to {server.Endpoint} as {server.User} (found by {By(server)}; "
        + $"{server.Certificate?.Text ?? "no TLS connection could be opened"})?"
        + (server.Login is DiscoveredLogin.AppPassword or DiscoveredLogin.Google ? " It requires an app password." : "");

    private static string By(DiscoveredServer server) => $"{server.Source.Title()} {server.Where}";

    private static string Instead(DiscoveredServer server) => $"The URL of the account there: {server.Url}";

    /// <summary>The name of the server may lead elsewhere the next time: what was proved is the holder of that certificate alone.</summary>
    private static string Pin(DiscoveredServer server) =>
        server is { Trust: ServerTrust.Certificate, Certificate: { } certificate } ? $"?fingerprint=sha256:{certificate.Fingerprint}" : "";
}
