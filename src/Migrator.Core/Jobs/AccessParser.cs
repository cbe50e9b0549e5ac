using System.Globalization;
using System.Text.RegularExpressions;
using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>Reads what stands between this machine and a mailbox besides its user and password: an administrator, a proxy, a certificate of
/// this side.</summary>
/// <param name="directory">Where relative paths start from.</param>
internal sealed partial class AccessParser(JsonObjectReader server, string directory)
{
    public const string AdminUser = "adminUser",
        AdminPassword = "adminPassword";

    private const string AdminPasswordFile = "adminPasswordFile",
        AdminMethodKey = "adminLogin",
        ProxyKey = "proxy",
        ProxyPassword = "proxyPassword",
        CertificateKey = "clientCertificate";

    private static readonly IReadOnlyDictionary<string, AdminMethod> s_methods = new Dictionary<string, AdminMethod>
    {
        ["plain"] = AdminMethod.Plain,
        ["proxyauth"] = AdminMethod.ProxyAuth,
    };

    private static readonly IReadOnlyDictionary<string, ProxyKind> s_proxies = new Dictionary<string, ProxyKind>
    {
        ["socks5"] = ProxyKind.Socks5,
        ["http"] = ProxyKind.Http,
    };

    /// <summary>Only the job file itself may say this: a list of mailboxes could lead passwords elsewhere with it.</summary>
    public static readonly IReadOnlySet<string> JobKeys = new HashSet<string>
    {
        AdminUser,
        AdminPassword,
        AdminPasswordFile,
        AdminMethodKey,
        ProxyKey,
        ProxyPassword,
        CertificateKey,
    };

    /// <summary>The password of an administrator is <see cref="MailServer.Password"/>, and read with it.</summary>
    /// <returns>Null where there is none, or where it has errors.</returns>
    public AdminLogin? Admin()
    {
        var (user, method) = (Text(AdminUser), server.Choice(AdminMethodKey, s_methods));
        foreach (var name in new[] { AdminPassword, AdminPasswordFile, AdminMethodKey }.Where(server.Has))
        {
            if (!server.Has(AdminUser))
                server.Wrong(server.At(name), $"is given without \"{AdminUser}\", the login name of the administrator.");
        }
        return user is null ? null : new AdminLogin(user, method ?? AdminMethod.Plain);
    }

    /// <inheritdoc cref="Admin"/>
    public ProxyServer? Proxy()
    {
        var (text, password) = (Text(ProxyKey), Secret(server, ProxyPassword));
        if (text is null)
        {
            if (server.Has(ProxyPassword) && !server.Has(ProxyKey))
                server.Wrong(server.At(ProxyPassword), "is given without \"proxy\".");
            return null;
        }
        if (
            ProxyForm().Match(text) is not { Success: true } match
            || ServerParser.HostName(match.Groups["host"].Value) is not { } host
            || !ushort.TryParse(match.Groups["port"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port == 0
        )
        {
            server.Wrong(
                server.At(ProxyKey),
                "must look like \"socks5://proxy.example.org:1080\" or \"http://user@proxy.example.org:3128\" (it is not shown here: "
                    + "there may be a password in it); say where the password is in \"proxyPassword\"."
            );
            return null;
        }
        var user = Uri.UnescapeDataString(match.Groups["user"].Value);
        if (user.Length > 0 != server.Has(ProxyPassword))
            server.Wrong(
                server.At(user.Length > 0 ? ProxyPassword : ProxyKey),
                user.Length > 0
                    ? $"is missing: the proxy has a user; say where the password is: {SecretReference.Forms}."
                    : "has no user, which \"proxyPassword\" is for; write \"socks5://user@host:port\"."
            );
        return new ProxyServer(s_proxies[match.Groups["kind"].Value], host, port, user, password);
    }

    /// <inheritdoc cref="Admin"/>
    public ClientCertificate? Certificate()
    {
        if (server.Object(CertificateKey) is not { } certificate)
            return null;
        var file = certificate.Text("file", "give the PFX or PEM file with the certificate and its private key.");
        var password = Secret(certificate, "password");
        certificate.NothingElse();
        if (file is not null && JobTemplate.HasPlaceholder(file))
            Placeholder(certificate, "file");
        return file is null ? null : new ClientCertificate(Path.GetFullPath(file, directory), password);
    }

    private string? Text(string name)
    {
        var text = server.Text(name);
        if (text is null || !JobTemplate.HasPlaceholder(text))
            return text;
        Placeholder(server, name);
        return null;
    }

    private SecretReference? Secret(JsonObjectReader reader, string name)
    {
        if (reader.Text(name) is not { } text)
            return null;
        if (JobTemplate.HasPlaceholder(text))
            Placeholder(reader, name);
        if (SecretReference.Parse(text, directory) is { } reference)
            return reference;
        reader.Wrong(reader.At(name), $"must not be the secret itself (it is not shown here); say where it is: {SecretReference.Forms}.");
        return null;
    }

    public static void Placeholder(JsonObjectReader reader, string name) =>
        reader.Wrong(reader.At(name), "must not contain {name}: it is the same for all mailboxes of a job.");

    [GeneratedRegex(
        @"^(?<kind>socks5|http)://(?:(?<user>[^\s@/?#:]+)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[^\s\[\]@/?#:]+):(?<port>[0-9]{1,5})/?\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex ProxyForm();
}
