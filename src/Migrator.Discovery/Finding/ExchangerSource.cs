using Migrator.Core.Discovery;
using Migrator.Core.Providers;
using Migrator.Discovery.Dns;

namespace Migrator.Discovery.Finding;

/// <summary>Known providers, by the MX of the domain; where that is a filter or unknown, by the alias autodiscover and by SPF.</summary>
internal sealed class ExchangerSource(DnsQuestions dns, AutoconfigSource autoconfig)
{
    private const int LongestSpf = 4_096;

    /// <param name="askDatabase">Also for the host that receives the mail.</param>
    public async Task<Findings[]> FindAsync(MailboxAddress address, bool askDatabase, CancellationToken stop)
    {
        var found = new Findings();
        var (exchangers, alias, texts) = (
            dns.MailExchangersAsync(address.Domain, stop),
            dns.AliasAsync($"autodiscover.{address.Domain}", stop),
            dns.TextsAsync(address.Domain, stop)
        );
        var answer = await exchangers;
        var first = answer.Records is [var host, ..] ? host : null;
        var provider = first is null ? null : ProviderProfiles.OfMailExchanger(first);
        switch (answer.Outcome)
        {
            case DnsOutcome.Failed:
                found.Note(DiscoverySource.MailExchanger, DiscoveryNoteKind.Failed, $"MX of {address.Domain}: {answer.Detail}.");
                break;
            case DnsOutcome.Nothing:
                found.Note(DiscoverySource.MailExchanger, DiscoveryNoteKind.Nothing, $"MX of {address.Domain}: {answer.Detail}.");
                break;
            default:
                Explain(address, first!, provider, found);
                break;
        }
        var aliases = await alias;
        var senders = await texts;
        if (provider is not null)
            return [found];
        AddAlias(address, aliases, found);
        if (found.Servers.Count == 0)
            AddSenders(address, senders, found);
        // A record may hold any bytes: of what is no name, no address is made.
        var name = first is { Length: > 0 } ? MailboxAddress.ToAscii(first) : null;
        var domain = name is not null && Gateways.Of(name) is null ? ExchangerDomain.Of(name) : null;
        if (domain is null || domain == address.Domain)
            return [found];
        return
        [
            found,
            await autoconfig.FindAtAsync(domain, address, stop),
            .. askDatabase ? [await autoconfig.FindInDatabaseAsync(domain, address, stop)] : Array.Empty<Findings>(),
        ];
    }

    private static void Explain(MailboxAddress address, string host, ProviderProfile? provider, Findings found)
    {
        if (host.Length == 0)
            found.Note(
                DiscoverySource.MailExchanger,
                DiscoveryNoteKind.Hint,
                $"MX of {address.Domain}: the domain says that it takes no mail."
            );
        else if (MailboxAddress.ToAscii(host) is not { } name)
            found.Note(
                DiscoverySource.MailExchanger,
                DiscoveryNoteKind.Refused,
                $"MX of {address.Domain}: the record names no valid host."
            );
        else if (Gateways.Of(name) is { } gateway)
            found.Note(
                DiscoverySource.MailExchanger,
                DiscoveryNoteKind.Hint,
                $"MX of {address.Domain}: {gateway} filters its mail ({name}), which hides where the mailboxes are."
            );
        else if (provider is not null)
            found.Add(address, provider, DiscoverySource.MailExchanger, name);
        else
            found.Note(DiscoverySource.MailExchanger, DiscoveryNoteKind.Nothing, $"MX of {address.Domain}: {name}, of no known provider.");
    }

    private static void AddAlias(MailboxAddress address, DnsAnswer<string> aliases, Findings found)
    {
        // Exchange Online alone: other providers have aliases of that name for a service of their own.
        if (aliases.Records.FirstOrDefault() is not { } alias)
            return;
        if (alias.EndsWith(".outlook.com", StringComparison.OrdinalIgnoreCase))
            found.Add(address, ProviderProfiles.Microsoft365, DiscoverySource.Autodiscover, $"autodiscover.{address.Domain}");
        else if (ProviderProfiles.OfHost(alias) is { Login: ProviderLogin.Microsoft, Imap: not null } cloud)
            found.Add(address, cloud, DiscoverySource.Autodiscover, $"autodiscover.{address.Domain}");
    }

    private static void AddSenders(MailboxAddress address, DnsAnswer<string> texts, Findings found)
    {
        var senders = texts
            .Records.Where(text => text.Length <= LongestSpf && text.StartsWith("v=spf1 ", StringComparison.OrdinalIgnoreCase))
            .SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(term => term.TrimStart('+', '?', '~'))
            .Where(term => term.StartsWith("include:", StringComparison.OrdinalIgnoreCase))
            .Select(term => term["include:".Length..])
            .Select(sender =>
                sender.Equals("spf.protection.outlook.com", StringComparison.OrdinalIgnoreCase)
                    ? ProviderProfiles.Microsoft365
                    : ProviderProfiles.OfMailExchanger(sender)
            )
            .OfType<ProviderProfile>()
            .Distinct();
        foreach (var provider in senders)
            found.Add(address, provider, DiscoverySource.Spf, $"TXT of {address.Domain}");
    }
}
