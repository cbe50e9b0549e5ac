using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.Service.Settings;

/// <summary>Reads <see cref="DashboardSettings"/> and refuses what would leave the page open to strangers.</summary>
internal sealed class DashboardSettingsReader(IConfiguration settings)
{
    private const char Separator = ';';

    private readonly SettingsReader _root = new(settings, "");
    private SettingsReader Dashboard => _root.Section("Dashboard");

    private SettingsReader Certificate => _root.Section(DashboardSettings.CertificateKey);

    public DashboardSettings Read()
    {
        Dashboard.RejectUnknown("Urls", "Token", "ReadOnlyToken", "OpenIdConnect", "BehindProxy", "Proxies", "Hosts", "SessionLength");
        var urls = Urls();
        var read = new DashboardSettings(
            urls,
            Names(urls),
            Dashboard.Flag("BehindProxy"),
            Proxies(),
            Dashboard.Secret("Token", "secret"),
            Dashboard.Secret("ReadOnlyToken", "secret"),
            Certificate.Secret("Password", "secret"),
            OpenId(),
            Dashboard.Duration("SessionLength", "12h", least: "1m", most: "7d")
        );
        Judge(read);
        _root.ThrowIfWrong();
        return read;
    }

    private void Judge(DashboardSettings read)
    {
        foreach (var url in read.Urls.Where(url => !url.Loopback && !url.Tls && !read.BehindProxy))
            Dashboard.Wrong(
                "Urls",
                $"\"{url.Text}\" can be reached from other machines without TLS. Use https (certificate in "
                    + "\"Kestrel:Certificates:Default\"), or http://127.0.0.1:8080, or set \"Dashboard:BehindProxy\" to true where a "
                    + "reverse proxy does TLS."
            );
        if (!read.AsksForLogin && (read.BehindProxy || read.Urls.Any(url => !url.Loopback)))
            Dashboard.Wrong(
                "Token",
                "is missing: anyone who reaches the page could start and cancel jobs. Give \"env:NAME\", \"file:PATH\" or "
                    + "\"setting:NAME\" of a secret, or set \"Dashboard:OpenIdConnect\", or let the page listen on 127.0.0.1 only."
            );
        if (read.Hosts.Count == 0 && (read.BehindProxy || read.Urls.Any(url => url.Host is null)))
            Dashboard.Wrong("Hosts", "is missing: specify the host names of the page, such as [\"migrator.example.org\"].");
        if (read.Urls.Any(url => url.Tls) && !Certificate.Exists)
            _root.Wrong(
                DashboardSettings.CertificateKey,
                "is missing: https needs a certificate, such as { \"Path\": \"cert.pem\", \"KeyPath\": \"key.pem\" }."
            );
        if (_root.Section("Kestrel:Endpoints").Exists)
            _root.Wrong(
                "Kestrel:Endpoints",
                "is not used: say in \"Dashboard:Urls\" where the page listens, to make it known who can reach it."
            );
        if (read.ReadOnlyToken is not null && read.Token is null && read.OpenId is null)
            Dashboard.Wrong("ReadOnlyToken", "needs a \"Dashboard:Token\" beside it: without one nobody could act.");
    }

    private List<DashboardUrl> Urls()
    {
        var read = new List<DashboardUrl>();
        foreach (
            var text in (Dashboard.Text("Urls") ?? DashboardSettings.DefaultUrl).Split(
                ';',
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
            )
        )
        {
            try
            {
                var address = BindingAddress.Parse(text);
                if (address.Scheme is not ("http" or "https") || address.PathBase.Length > 0 || address.Port is < 0 or > 65535)
                    throw new FormatException();
                var host = address.Host.ToLowerInvariant();
                var bare = host.Trim('[', ']');
                var any =
                    !address.IsUnixPipe
                    && host != "localhost"
                    && (!IPAddress.TryParse(bare, out var ip) || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));
                // Kestrel takes any name for all of the machine's addresses.
                var named = any && Uri.CheckHostName(bare) == UriHostNameType.Dns ? host : null;
                var loopback =
                    address.IsUnixPipe || host == "localhost" || (IPAddress.TryParse(bare, out var parsed) && IPAddress.IsLoopback(parsed));
                read.Add(
                    new DashboardUrl(
                        text,
                        any ? named
                            : address.IsUnixPipe ? "localhost"
                            : host,
                        address.Scheme == "https",
                        loopback
                    )
                );
            }
            catch (FormatException)
            {
                Dashboard.Wrong(
                    "Urls",
                    $"\"{text}\" is not an address such as \"{DashboardSettings.DefaultUrl}\" or \"https://0.0.0.0:8443\"; several "
                        + "are separated by semicolons."
                );
            }
        }
        return read;
    }

    private HashSet<string> Names(List<DashboardUrl> urls) =>
        [
            .. Dashboard.List("Hosts", Separator).Select(name => name.ToLowerInvariant()),
            .. urls.Where(url => !url.Loopback).Select(url => url.Host).OfType<string>(),
        ];

    private List<IPAddress> Proxies()
    {
        var read = new List<IPAddress>();
        foreach (var text in Dashboard.List("Proxies", Separator))
        {
            if (IPAddress.TryParse(text, out var address))
                read.Add(address);
            else
                Dashboard.Wrong("Proxies", $"\"{text}\" is not an IP address.");
        }
        return read;
    }

    private OpenIdSettings? OpenId()
    {
        var provider = Dashboard.Section("OpenIdConnect");
        if (!provider.Exists)
            return null;
        provider.RejectUnknown(
            "Authority",
            "ClientId",
            "ClientSecret",
            "UserClaim",
            "TrustUnverifiedEmail",
            "AllowedUsers",
            "ReadOnlyUsers",
            "GroupClaim",
            "AllowedGroups",
            "ReadOnlyGroups"
        );
        if (
            !Uri.TryCreate(provider.Text("Authority"), UriKind.Absolute, out var authority)
            || (authority.Scheme != "https" && !authority.IsLoopback)
        )
            provider.Wrong("Authority", "must be the https address of the provider.");
        var client = provider.Text("ClientId");
        if (client is null)
            provider.Wrong("ClientId", "is missing.");
        if (provider.Text("ClientSecret") is null)
            provider.Wrong("ClientSecret", "is missing: give \"env:NAME\", \"file:PATH\" or \"setting:NAME\".");
        var secret = provider.Secret("ClientSecret", "secret") ?? new SecretReference(SecretSource.Env, "");
        var acting = new PeopleList(provider.List("AllowedUsers", Separator), provider.List("AllowedGroups", Separator));
        var looking = new PeopleList(provider.List("ReadOnlyUsers", Separator), provider.List("ReadOnlyGroups", Separator));
        if (acting.IsEmpty && looking.IsEmpty)
            provider.Wrong(
                "AllowedUsers",
                "is missing: without it, or \"AllowedGroups\", \"ReadOnlyUsers\" or \"ReadOnlyGroups\", nobody could log in."
            );
        if (
            provider.Text("UserClaim") is null
            && acting.Users.Concat(looking.Users).FirstOrDefault(user => user.Contains('@')) is { } address
        )
        {
            provider.Wrong(
                "UserClaim",
                $"is missing: \"{address}\" looks like an e-mail address, and people are identified by "
                    + $"\"{OpenIdSettings.DefaultUserClaim}\", the subject. "
                    + $"Set \"{OpenIdSettings.Email}\", or \"{OpenIdSettings.DefaultUserClaim}\" if subjects of this provider look so."
            );
        }
        return new OpenIdSettings(
            authority ?? new Uri("https://invalid.invalid"),
            client ?? "",
            secret,
            provider.Text("UserClaim") ?? OpenIdSettings.DefaultUserClaim,
            provider.Flag("TrustUnverifiedEmail"),
            provider.Text("GroupClaim") ?? "groups",
            acting,
            looking
        );
    }
}
