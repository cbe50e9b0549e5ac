using System.Globalization;
using Migrator.Core.Failures;
using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>Reads an account as a URL: <c>imaps://user@host[:port]</c> for implicit TLS, <c>imap://…</c> for STARTTLS,
/// <c>imap://…?tls=none</c> for plaintext, <c>pop3s://…</c> and <c>pop3://…</c> likewise for POP3; besides <c>tls</c>, the query takes
/// <c>auth</c>, <c>fingerprint</c> and <c>ca</c>. A user name may hold an <c>@</c>: the last one precedes the host.</summary>
/// <remarks>Errors repeat only what cannot be part of a password that someone put into the URL.</remarks>
public static class MailServerUrl
{
    private static readonly IReadOnlyList<string> s_known = ["tls", "auth", "fingerprint", "ca"];

    private static readonly IReadOnlyList<Scheme> s_schemes =
    [
        new("imaps", MailProtocol.Imap, TlsMode.Implicit),
        new("imap", MailProtocol.Imap, TlsMode.StartTls),
        new("pop3s", MailProtocol.Pop3, TlsMode.Implicit),
        new("pop3", MailProtocol.Pop3, TlsMode.StartTls),
    ];

    private sealed record Scheme(string Name, MailProtocol Protocol, TlsMode Tls);

    /// <summary>Which port a URL without one means.</summary>
    public static int DefaultPort(MailProtocol protocol, TlsMode tls) => ServerParser.DefaultPort(protocol, tls);

    /// <param name="what">Names the argument in errors.</param>
    /// <param name="admin">Login name of an administrator, whose password it is then; null for none.</param>
    /// <exception cref="ConfigurationException">Every error in it; a password in it is not repeated.</exception>
    public static MailServer Parse(string url, string what, SecretReference password, string? admin = null)
    {
        var errors = new List<ConfigurationError>();
        var server = Read(url, password, message => errors.Add(new ConfigurationError(what, message)));
        if (server is not null && admin is not null)
            server = server with { Admin = new AdminLogin(admin, AdminMethod.Plain) };
        if (server is not null && (server.Admin?.Obstacle(server) ?? ServerParser.Obstacle(server)) is var (key, message))
            errors.Add(new ConfigurationError(what, $"({key}) {message}"));
        return errors.Count == 0 ? server! : throw new ConfigurationException(what, errors);
    }

    private static MailServer? Read(string url, SecretReference password, Action<string> wrong)
    {
        var scheme = s_schemes.FirstOrDefault(known => url.StartsWith(known.Name + "://", StringComparison.OrdinalIgnoreCase));
        if (scheme is null)
        {
            wrong("must look like imaps://ann@mail.example (TLS) or imap://ann@mail.example (STARTTLS); for POP3, pop3s:// or pop3://.");
            return null;
        }
        var rest = url[(scheme.Name.Length + 3)..];
        // Of a password with a "?" in it, the end would stand in the query: look at all that is before the last "@".
        if (rest.LastIndexOf('@') is var last and > 0 && rest[..last].Split('?')[0].Contains(':'))
        {
            wrong(
                "contains a password (it is not shown here). On a command line others can see it: leave it out, and set it in the "
                    + "environment or type it when asked. (A \":\" in a user name is written %3A, an \"@\" after the \"?\" %40.)"
            );
            return null;
        }
        var (authority, query) = rest.IndexOf('?') is var mark and >= 0 ? (rest[..mark], rest[(mark + 1)..]) : (rest, "");
        var at = authority.LastIndexOf('@');
        if (at <= 0)
        {
            wrong($"names no user; write {scheme.Name}://USER@HOST.");
            return null;
        }
        var options = Options(query, wrong);
        var tls = Tls(scheme, options.GetValueOrDefault("tls"), wrong);
        var auth = AuthMethod.Auto;
        if (options.TryGetValue("auth", out var method) && !ServerParser.AuthMethods.TryGetValue(method, out auth))
            wrong($"has auth={method}; use {JsonObjectReader.OneOf(ServerParser.AuthMethods.Keys)}.");
        var trust = Trust(options.GetValueOrDefault("fingerprint"), options.GetValueOrDefault("ca"), wrong);
        var (host, port) = HostAndPort(authority[(at + 1)..].TrimEnd('/'), scheme.Protocol, tls, wrong);
        return new MailServer(host, port, tls, Uri.UnescapeDataString(authority[..at]), password, auth, trust, scheme.Protocol);
    }

    private static Dictionary<string, string> Options(string query, Action<string> wrong)
    {
        var options = new Dictionary<string, string>();
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.IndexOf('=') is var sign and >= 0
                ? (part[..sign], Uri.UnescapeDataString(part[(sign + 1)..]))
                : (part, "");
            if (!s_known.Contains(name))
                wrong($"has something else than {JsonObjectReader.OneOf(s_known)} after the \"?\".");
            else if (value.Length == 0 || value.Contains('\0'))
                wrong($"has no value for {name}; write {name}=VALUE.");
            else if (!options.TryAdd(name, value))
                wrong($"has {name} twice; keep one.");
        }
        return options;
    }

    private static TlsMode Tls(Scheme scheme, string? given, Action<string> wrong)
    {
        if (given is null)
            return scheme.Tls;
        if (!ServerParser.TlsModes.TryGetValue(given, out var tls))
            wrong($"has tls={given}; use {JsonObjectReader.OneOf(ServerParser.TlsModes.Keys)}.");
        else if (scheme.Tls == TlsMode.Implicit && tls != TlsMode.Implicit)
            wrong($"is {scheme.Name}:// (TLS from the first byte) but has tls={given}; write {scheme.Name[..^1]}:// for that.");
        else
            return tls;
        return scheme.Tls;
    }

    private static CertificateTrust Trust(string? fingerprint, string? file, Action<string> wrong)
    {
        var digits = fingerprint is null ? null : CertificateTrust.ParseFingerprint(fingerprint);
        if (fingerprint is not null && digits is null)
            wrong("has a fingerprint that is not \"sha256:\" and 64 hexadecimal digits.");
        if (fingerprint is not null && file is not null)
            wrong("has both fingerprint and ca; give one of them.");
        return new CertificateTrust(digits, file is null ? null : Path.GetFullPath(file));
    }

    private static (string Host, int Port) HostAndPort(string text, MailProtocol protocol, TlsMode tls, Action<string> wrong)
    {
        // An IPv6 address is in brackets, so that its colons are not taken for the port's.
        var colon = text.IndexOf(':', Math.Max(0, text.IndexOf(']')));
        var host = ServerParser.HostName(colon < 0 ? text : text[..colon]);
        if (host is null)
            wrong("names no host after the \"@\", or more than a host and its port. Write an IPv6 address in brackets: [::1].");
        if (colon < 0)
            return (host ?? "", ServerParser.DefaultPort(protocol, tls));
        if (!ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            wrong("has no port after the last \":\"; a port is a number from 1 to 65535.");
        return (host ?? "", port);
    }
}
