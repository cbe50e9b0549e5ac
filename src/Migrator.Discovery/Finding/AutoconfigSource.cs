using Migrator.Core.Discovery;
using Migrator.Discovery.Autoconfig;

namespace Migrator.Discovery.Finding;

/// <summary>Files for Thunderbird.</summary>
internal sealed class AutoconfigSource(AutoconfigClient client)
{
    public const string Database = "autoconfig.thunderbird.net";

    /// <summary>Of the domain itself, whose web server learns the address.</summary>
    public Task<Findings> FindAsync(MailboxAddress address, CancellationToken stop)
    {
        var query = $"mail/config-v1.1.xml?emailaddress={Uri.EscapeDataString(address.Text)}";
        return FindAsync(
            address,
            DiscoverySource.Autoconfig,
            [
                new Uri($"https://autoconfig.{address.Domain}/{query}"),
                new Uri($"https://{address.Domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
            ],
            stop
        );
    }

    /// <summary>Of the host that receives the domain's mail. The address is not sent: its operator may be anyone.</summary>
    public Task<Findings> FindAtAsync(string domain, MailboxAddress address, CancellationToken stop) =>
        FindAsync(address, DiscoverySource.MailExchangerAutoconfig, [new Uri($"https://autoconfig.{domain}/mail/config-v1.1.xml")], stop);

    public Task<Findings> FindInDatabaseAsync(string domain, MailboxAddress address, CancellationToken stop) =>
        FindAsync(address, DiscoverySource.Database, [new Uri($"https://{Database}/v1.1/{domain}")], stop);

    private async Task<Findings> FindAsync(MailboxAddress address, DiscoverySource source, Uri[] files, CancellationToken stop)
    {
        var found = new Findings();
        var missing = true;
        foreach (var (file, asked) in files.Zip(files.Select(file => client.GetAsync(file, address, stop)).ToList()))
        {
            var answer = await asked;
            var where = $"https://{file.Host}{file.AbsolutePath}";
            missing &= answer.Problem == DiscoveryNoteKind.Nothing;
            if (answer.Problem is { } problem && problem != DiscoveryNoteKind.Nothing)
                found.Note(source, problem, $"{where}: {answer.Detail}.");
            // The first file that names servers is enough: the others say the same.
            var isFirst = found.Servers.Count == 0;
            foreach (var server in answer.Servers.Where(_ => isFirst))
                found.Add(address, server.Protocol, server.Host, server.Port, server.Tls, source, where, server.User, server.NeedsToken);
        }
        if (missing)
            found.Note(source, DiscoveryNoteKind.Nothing, $"{files[0].Host} has no file for mail programs.");
        return found;
    }
}
