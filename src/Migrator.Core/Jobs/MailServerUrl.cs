namespace Migrator.Core.Jobs;

/// <summary>Reads an account as a URL: <c>imaps://user@host[:port]</c> for implicit TLS, <c>imap://…</c> for STARTTLS,
/// <c>imap://…?tls=none</c> for plaintext; besides <c>tls</c>, the query takes <c>auth</c>, <c>fingerprint</c> and
/// <c>ca</c>. A user name may hold an <c>@</c>: the last one stands before the host.</summary>
public static class MailServerUrl
{
    private static readonly IReadOnlyList<string> s_known = ["tls", "auth", "fingerprint", "ca"];

    /// <param name="what">Names the argument in errors.</param>
    /// <exception cref="JobFileException">Every mistake in it; a password in it is not repeated.</exception>
    public static MailServer Parse(string url, string what, SecretReference password)
    {
        var errors = new List<JobFileError>();
        var server = Read(url, what, password, errors);
        return errors.Count == 0 ? server! : throw new JobFileException(what, errors);
    }

    private static MailServer? Read(string url, string what, SecretReference password, List<JobFileError> errors)
    {
        void Wrong(string message) => errors.Add(new JobFileError(what, message));

        var scheme = url.StartsWith("imaps://", StringComparison.OrdinalIgnoreCase) ? "imaps" : url.StartsWith("imap://", StringComparison.OrdinalIgnoreCase) ? "imap" : null;
        if (scheme is null)
        {
            Wrong("must look like imaps://ann@mail.example (TLS) or imap://ann@mail.example (STARTTLS).");
            return null;
        }
        var rest = url[(scheme.Length + 3)..];
        var (authority, query) = rest.IndexOf('?') is var mark and >= 0 ? (rest[..mark], rest[(mark + 1)..]) : (rest, "");
        authority = authority.TrimEnd('/');
        var at = authority.LastIndexOf('@');
        if (at <= 0)
        {
            Wrong($"names no user; write {scheme}://USER@{authority}.");
            return null;
        }
        var user = authority[..at];
        if (user.Contains(':'))
        {
            Wrong("holds a password (it is not shown here). On a command line others can see it: leave it out, and set it in the environment or type it when asked. (A \":\" in a user name is written %3A.)");
            return null;
        }
        var options = Options(query, Wrong);
        var tls = scheme == "imaps" ? TlsMode.Implicit : TlsMode.StartTls;
        if (options.TryGetValue("tls", out var mode) && !ServerReading.TlsModes.TryGetValue(mode, out tls))
            Wrong($"has tls={mode}; use {string.Join(", ", ServerReading.TlsModes.Keys)}.");
        var auth = AuthMethod.Auto;
        if (options.TryGetValue("auth", out var method) && !ServerReading.AuthMethods.TryGetValue(method, out auth))
            Wrong($"has auth={method}; use {string.Join(", ", ServerReading.AuthMethods.Keys)}.");
        var fingerprint = options.TryGetValue("fingerprint", out var given) ? ServerReading.Fingerprint(given) : null;
        if (given is not null && fingerprint is null)
            Wrong("has a fingerprint that is not \"sha256:\" and 64 hexadecimal digits.");
        var (host, port) = HostAndPort(authority[(at + 1)..], tls, Wrong);
        return new MailServer(host, port, tls, Uri.UnescapeDataString(user), password, auth,
            new CertificateTrust(fingerprint, options.TryGetValue("ca", out var file) ? Path.GetFullPath(file) : null));
    }

    private static Dictionary<string, string> Options(string query, Action<string> wrong)
    {
        var options = new Dictionary<string, string>();
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.IndexOf('=') is var sign and >= 0 ? (part[..sign], Uri.UnescapeDataString(part[(sign + 1)..])) : (part, "");
            if (!s_known.Contains(name))
                wrong($"has \"{name}\" after the \"?\"; known there: {string.Join(", ", s_known)}.");
            else
                options[name] = value;
        }
        return options;
    }

    private static (string Host, int Port) HostAndPort(string text, TlsMode tls, Action<string> wrong)
    {
        // An IPv6 address stands in brackets, so that its colons are not taken for the port's.
        var colon = text.IndexOf(':', Math.Max(0, text.IndexOf(']')));
        var host = (colon < 0 ? text : text[..colon]).Trim('[', ']');
        if (host.Length == 0 || host.Contains('/'))
            wrong("names no host, or more than a host.");
        if (colon < 0)
            return (host, ServerReading.DefaultPort(tls));
        if (!ushort.TryParse(text[(colon + 1)..], out var port) || port == 0)
            wrong($"has the port \"{text[(colon + 1)..]}\"; a port is a number from 1 to 65535.");
        return (host, port);
    }
}
