using Migrator.Core.Providers;
using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>Reads <c>source</c> and <c>target</c> of a job file.</summary>
internal static class ServerParser
{
    public static readonly IReadOnlyDictionary<string, TlsMode> TlsModes = new Dictionary<string, TlsMode>
    {
        ["implicit"] = TlsMode.Implicit,
        ["starttls"] = TlsMode.StartTls,
        ["none"] = TlsMode.None,
    };

    public static readonly IReadOnlyDictionary<string, AuthMethod> AuthMethods = new Dictionary<string, AuthMethod>
    {
        ["auto"] = AuthMethod.Auto,
        ["login"] = AuthMethod.Login,
        ["plain"] = AuthMethod.Plain,
        ["cram-md5"] = AuthMethod.CramMd5,
        ["scram-sha-1"] = AuthMethod.ScramSha1,
        ["scram-sha-256"] = AuthMethod.ScramSha256,
        ["xoauth2"] = AuthMethod.XOAuth2,
        ["oauthbearer"] = AuthMethod.OAuthBearer,
    };

    public static readonly IReadOnlyDictionary<string, MailProtocol> Protocols = new Dictionary<string, MailProtocol>
    {
        ["imap"] = MailProtocol.Imap,
        ["pop3"] = MailProtocol.Pop3,
    };

    public static int DefaultPort(MailProtocol protocol, TlsMode tls) =>
        (protocol, tls) switch
        {
            (MailProtocol.Pop3, TlsMode.Implicit) => 995,
            (MailProtocol.Pop3, _) => 110,
            (_, TlsMode.Implicit) => 993,
            _ => 143,
        };

    public static MailServer? Read(JsonObjectReader? server, string directory)
    {
        if (server is null)
            return null;
        var protocol = server.Choice("protocol", Protocols) ?? MailProtocol.Imap;
        var host = Host(server);
        var tls = server.Choice("tls", TlsModes) ?? TlsMode.Implicit;
        var port = server.Number("port", 1, 65535) ?? DefaultPort(protocol, tls);
        var user = server.Text("user", "give the login name.");
        var auth = Auth(server, user, directory);
        var trust = Trust(server.Object("certificate"), directory);
        var provider = Provider(server);
        server.NothingElse();
        return host is null || user is null || auth is null
            ? null
            : new MailServer(host, port, tls, user, auth.Password, auth.Method, trust, protocol)
            {
                Tokens = auth.Tokens,
                Provider = provider,
            };
    }

    private static string? Provider(JsonObjectReader server)
    {
        if (server.Text("provider") is not { } name)
            return null;
        if (ProviderProfiles.TryGet(name, out var profile))
            return profile.Name;
        server.Wrong(
            server.At("provider"),
            $"is \"{name}\"; use {JsonObjectReader.OneOf(ProviderProfiles.All.Select(known => known.Name))}."
        );
        return null;
    }

    private static ServerAuth? Auth(JsonObjectReader server, string? user, string directory)
    {
        if (!server.HoldsObject("auth"))
        {
            var method = server.Choice("auth", AuthMethods) ?? AuthMethod.Auto;
            return Password(server, user, directory) is { } password ? new ServerAuth(method, password, null) : null;
        }
        foreach (var name in new[] { "password", "passwordFile" }.Where(server.Has))
            server.Wrong(server.At(name), "is given together with \"auth\", which says how the secret is obtained; remove one of the two.");
        return new AuthParser(server.Object("auth")!, directory).Read(user);
    }

    /// <returns>A DNS name or an address, without the brackets that an IPv6 address may stand in; null where the text is
    /// neither.</returns>
    public static string? HostName(string text) => Uri.CheckHostName(text) == UriHostNameType.Unknown ? null : text.Trim('[', ']');

    private static string? Host(JsonObjectReader server)
    {
        if (server.Text("host", "give the server's name, such as \"imap.example.org\".") is not { } text)
            return null;
        if (HostName(text) is { } host)
            return host;
        server.Wrong(
            server.At("host"),
            $"{(text.Contains('@') ? "is more than a name (it is not shown here: there may be a password in it)" : $"is \"{text}\"")}; "
                + "give the bare name, such as \"imap.example.org\", and the port in \"port\"."
        );
        return null;
    }

    private static SecretReference? Password(JsonObjectReader server, string? user, string directory)
    {
        const string what =
            $"say where the password is: {SecretReference.Forms}; or give the file with the passwords of all mailboxes in \"passwordFile\"";
        if (server.Text("passwordFile") is { } file)
        {
            if (server.Has("password"))
                server.Wrong(server.At("passwordFile"), "is given together with \"password\"; give one of the two.");
            return new SecretReference(SecretSource.PasswordFile, Path.GetFullPath(file, directory)) { User = user ?? "" };
        }
        // What is wrong with it has been said.
        if (server.Has("passwordFile"))
            return null;
        if (server.Text("password", what + ".") is not { } text)
            return null;
        if (SecretReference.IsCommand(text) && JobTemplate.HasPlaceholder(text))
        {
            AuthParser.Placeholder(server, "password");
            return null;
        }
        if (SecretReference.Parse(text, directory) is { } reference)
            return reference.Source == SecretSource.Command ? reference with { User = user ?? "" } : reference;
        server.Wrong(server.At("password"), $"must not be the password itself (it is not shown here); {what}.");
        return null;
    }

    private static CertificateTrust Trust(JsonObjectReader? certificate, string directory)
    {
        if (certificate is null)
            return CertificateTrust.System;
        var fingerprint = certificate.Text("fingerprint");
        var file = certificate.Text("caFile");
        if (file?.Contains('\0') == true)
        {
            certificate.Wrong(certificate.At("caFile"), "is not a path: it contains the character U+0000.");
            file = null;
        }
        certificate.NothingElse();
        var digits = fingerprint is null ? null : CertificateTrust.ParseFingerprint(fingerprint);
        if (fingerprint is not null && digits is null)
            certificate.Wrong(certificate.At("fingerprint"), "must be \"sha256:\" and 64 hexadecimal digits.");
        if (fingerprint is not null && file is not null)
            certificate.Wrong(certificate.Path, "give either fingerprint or caFile, not both.");
        return new CertificateTrust(digits, file is null ? null : Path.GetFullPath(file, directory));
    }
}
