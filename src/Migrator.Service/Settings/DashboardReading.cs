using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.Service.Settings;

/// <summary>Reads <see cref="DashboardSettings"/> and refuses what would leave the page open to strangers.</summary>
internal sealed class DashboardReading(IConfiguration settings)
{
    public List<JobFileError> Errors { get; } = [];

    public DashboardSettings Read()
    {
        Errors.AddRange(KnownKeys.Others(settings.GetSection("Dashboard"), "Urls", "Token", "ReadOnlyToken", "OpenIdConnect", "BehindProxy", "Proxies", "Hosts", "SessionLength"));
        var urls = Urls();
        var read = new DashboardSettings(urls, Names(urls), Flag("Dashboard:BehindProxy"), Proxies(),
            Secret("Dashboard:Token"), Secret("Dashboard:ReadOnlyToken"), Secret($"{DashboardSettings.CertificateKey}:Password"), OpenId(), SessionLength());
        Judge(read);
        return read;
    }

    private void Judge(DashboardSettings read)
    {
        foreach (var url in read.Urls.Where(url => !url.Loopback && !url.Tls && !read.BehindProxy))
            Wrong("Dashboard:Urls", $"\"{url.Text}\" can be reached from other machines without TLS. Use https (certificate in \"Kestrel:Certificates:Default\"), or http://127.0.0.1:8080, or set \"Dashboard:BehindProxy\" to true where a reverse proxy does TLS.");
        if (!read.AsksForLogin && (read.BehindProxy || read.Urls.Any(url => !url.Loopback)))
            Wrong("Dashboard:Token", "is missing: whoever reaches the page could start and cancel jobs. Give \"env:NAME\", \"file:PATH\" or \"setting:NAME\" of a secret, or set \"Dashboard:OpenIdConnect\", or let the page listen on 127.0.0.1 only.");
        if (read.Hosts.Count == 0 && (read.BehindProxy || read.Urls.Any(url => url.Host is null)))
            Wrong("Dashboard:Hosts", "is missing: say by which names browsers call the page, such as [\"migrator.example.org\"].");
        if (read.Urls.Any(url => url.Tls) && !settings.GetSection(DashboardSettings.CertificateKey).Exists())
            Wrong(DashboardSettings.CertificateKey, "is missing: https needs a certificate, such as { \"Path\": \"cert.pem\", \"KeyPath\": \"key.pem\" }.");
        if (settings.GetSection("Kestrel:Endpoints").Exists())
            Wrong("Kestrel:Endpoints", "is not used: say in \"Dashboard:Urls\" where the page listens, so that it is known who can reach it.");
        if (read.ReadOnlyToken is not null && read.Token is null && read.OpenId is null)
            Wrong("Dashboard:ReadOnlyToken", "needs a \"Dashboard:Token\" beside it: without one nobody could act.");
    }

    private List<DashboardUrl> Urls()
    {
        var read = new List<DashboardUrl>();
        foreach (var text in (settings["Dashboard:Urls"] is { Length: > 0 } given ? given : DashboardSettings.DefaultUrl).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                var address = BindingAddress.Parse(text);
                if (address.Scheme is not ("http" or "https") || address.PathBase.Length > 0 || address.Port is < 0 or > 65535)
                    throw new FormatException();
                var host = address.Host.ToLowerInvariant();
                var bare = host.Trim('[', ']');
                var any = !address.IsUnixPipe && host != "localhost" && (!IPAddress.TryParse(bare, out var ip) || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));
                // Kestrel takes any name for all of the machine's addresses.
                var named = any && Uri.CheckHostName(bare) == UriHostNameType.Dns ? host : null;
                var loopback = address.IsUnixPipe || host == "localhost" || (IPAddress.TryParse(bare, out var parsed) && IPAddress.IsLoopback(parsed));
                read.Add(new DashboardUrl(text, any ? named : address.IsUnixPipe ? "localhost" : host, address.Scheme == "https", loopback));
            }
            catch (FormatException)
            {
                Wrong("Dashboard:Urls", $"\"{text}\" is no address such as \"{DashboardSettings.DefaultUrl}\" or \"https://0.0.0.0:8443\"; several are parted by semicolons.");
            }
        }
        return read;
    }

    private HashSet<string> Names(List<DashboardUrl> urls) =>
        [.. Several("Dashboard:Hosts").Select(name => name.ToLowerInvariant()), .. urls.Where(url => !url.Loopback).Select(url => url.Host).OfType<string>()];

    private List<IPAddress> Proxies()
    {
        var read = new List<IPAddress>();
        foreach (var text in Several("Dashboard:Proxies"))
        {
            if (IPAddress.TryParse(text, out var address))
                read.Add(address);
            else
                Wrong("Dashboard:Proxies", $"\"{text}\" is no IP address.");
        }
        return read;
    }

    private OpenIdSettings? OpenId()
    {
        const string At = "Dashboard:OpenIdConnect";
        if (!settings.GetSection(At).Exists())
            return null;
        Errors.AddRange(KnownKeys.Others(settings.GetSection(At), "Authority", "ClientId", "ClientSecret", "UserClaim", "TrustUnverifiedEmail", "AllowedUsers", "ReadOnlyUsers", "GroupClaim", "AllowedGroups", "ReadOnlyGroups"));
        if (!Uri.TryCreate(settings[$"{At}:Authority"], UriKind.Absolute, out var authority) || (authority.Scheme != "https" && !authority.IsLoopback))
            Wrong($"{At}:Authority", "must be the https address of the provider.");
        if (settings[$"{At}:ClientId"] is not { Length: > 0 } client)
            (client, _) = ("", Wrong($"{At}:ClientId", "is missing."));
        if (Secret($"{At}:ClientSecret") is not { } secret)
        {
            secret = new SecretReference(SecretSource.Env, "");
            if (settings[$"{At}:ClientSecret"] is null or "")
                Wrong($"{At}:ClientSecret", "is missing: give \"env:NAME\", \"file:PATH\" or \"setting:NAME\".");
        }
        var acting = new PeopleList(Several($"{At}:AllowedUsers"), Several($"{At}:AllowedGroups"));
        var looking = new PeopleList(Several($"{At}:ReadOnlyUsers"), Several($"{At}:ReadOnlyGroups"));
        if (acting.IsEmpty && looking.IsEmpty)
            Wrong($"{At}:AllowedUsers", "is missing: without it, or \"AllowedGroups\", \"ReadOnlyUsers\" or \"ReadOnlyGroups\", nobody could log in.");
        if (settings[$"{At}:UserClaim"] is null or "" && acting.Users.Concat(looking.Users).FirstOrDefault(user => user.Contains('@')) is { } address)
            Wrong($"{At}:UserClaim", $"is missing: \"{address}\" looks like an e-mail address, and people are identified by \"{OpenIdSettings.DefaultUserClaim}\", the subject. Set \"{OpenIdSettings.Email}\", or \"{OpenIdSettings.DefaultUserClaim}\" if subjects of this provider look so.");
        return new OpenIdSettings(authority ?? new Uri("https://invalid.invalid"), client, secret, Text($"{At}:UserClaim", OpenIdSettings.DefaultUserClaim), Flag($"{At}:TrustUnverifiedEmail"), Text($"{At}:GroupClaim", "groups"), acting, looking);
    }

    private TimeSpan SessionLength()
    {
        const string Key = "Dashboard:SessionLength";
        if (Durations.Parse(Text(Key, "12h")) is { } length && length >= TimeSpan.FromMinutes(1) && length <= TimeSpan.FromDays(7))
            return length;
        Wrong(Key, $"must be a time from \"1m\" to \"7d\", such as \"12h\", not \"{settings[Key]}\".");
        return TimeSpan.Zero;
    }

    private string Text(string key, string standard) => settings[key] is { Length: > 0 } text ? text : standard;

    private SecretReference? Secret(string key)
    {
        if (settings[key] is not { Length: > 0 } text)
            return null;
        if (SecretReference.Parse(text, Directory.GetCurrentDirectory()) is { Source: not SecretSource.Prompt } reference)
            return reference;
        Wrong(key, "must say where the secret is: \"env:NAME\", \"file:PATH\" or \"setting:NAME\", never the secret itself (it is not shown here).");
        return null;
    }

    private bool Flag(string key)
    {
        if (settings[key] is not { Length: > 0 } text || bool.TryParse(text, out var flag))
            return settings[key] is { Length: > 0 } given && bool.Parse(given);
        return Wrong(key, $"must be true or false, not \"{text}\".");
    }

    /// <summary>A list, or one text with semicolons, as an environment variable has it.</summary>
    private List<string> Several(string key) => settings[key] is { Length: > 0 } text
        ? [.. text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
        : [.. settings.GetSection(key).GetChildren().Select(child => child.Value).OfType<string>().Where(value => value.Length > 0)];

    private bool Wrong(string key, string message)
    {
        Errors.Add(new JobFileError(key, message));
        return false;
    }
}
