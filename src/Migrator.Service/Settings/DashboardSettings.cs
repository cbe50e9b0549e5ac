using Migrator.Core.Failures;
using Migrator.Core.Secrets;

namespace Migrator.Service.Settings;

/// <summary>The settings of the web page; docs/dashboard.md explains each. All errors are reported together.</summary>
/// <param name="Urls">Where it listens.</param>
/// <param name="Hosts">The names by which browsers may call it, lower case, besides those of this machine to itself.</param>
/// <param name="BehindProxy">A reverse proxy in front of it does TLS.</param>
/// <param name="Proxies">Addresses of that proxy, besides this machine's own.</param>
/// <param name="Token">Where the secret is that lets a person act; null for none.</param>
/// <param name="ReadOnlyToken">Where the secret is that lets a person look; null for none.</param>
/// <param name="CertificatePassword">Where the password of the certificate for https is; null for none.</param>
/// <param name="OpenId">Whom to ask who a person is; null for nobody.</param>
/// <param name="SessionLength">From a login to the end of its session, however active it is.</param>
public sealed record DashboardSettings(
    IReadOnlyList<DashboardUrl> Urls,
    IReadOnlySet<string> Hosts,
    bool BehindProxy,
    IReadOnlyList<System.Net.IPAddress> Proxies,
    SecretReference? Token,
    SecretReference? ReadOnlyToken,
    SecretReference? CertificatePassword,
    OpenIdSettings? OpenId,
    TimeSpan SessionLength
)
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>What the web server reads.</summary>
    public const string CertificateKey = "Kestrel:Certificates:Default";

    /// <summary>Whether a person has to say who they are. Only a page that nobody but this machine can reach may do without.</summary>
    public bool AsksForLogin => Token is not null || OpenId is not null;

    /// <summary>Whether browsers reach it by TLS alone, so that cookies are never sent without.</summary>
    public bool OnlyTls => BehindProxy || Urls.All(url => url.Tls);

    /// <exception cref="ConfigurationException">Every error in them.</exception>
    public static DashboardSettings Read(IConfiguration settings) => new DashboardSettingsReader(settings).Read();
}
