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
        ["scram-sha-512"] = AuthMethod.ScramSha512,
        ["scram-sha-1-plus"] = AuthMethod.ScramSha1Plus,
        ["scram-sha-256-plus"] = AuthMethod.ScramSha256Plus,
        ["scram-sha-512-plus"] = AuthMethod.ScramSha512Plus,
        ["external"] = AuthMethod.External,
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
        var access = new AccessParser(server, directory);
        var admin = access.Admin();
        var auth = Auth(server, user, admin, directory);
        var trust = Trust(server.Object("certificate"), directory);
        var (proxy, certificate) = (access.Proxy(), access.Certificate());
        var provider = Provider(server);
        var identify = server.Flag("identify") ?? true;
        var limits = LimitsParser.Read(server.Object("limits"));
        server.NothingElse();
        if (host is null || user is null || auth is null)
            return null;
        var read = new MailServer(host, port, tls, user, auth.Password, auth.Method, trust, protocol)
        {
            Tokens = auth.Tokens,
            Admin = admin,
            Proxy = proxy,
            ClientCertificate = certificate,
            Identify = identify,
            Provider = provider,
            Limits = limits,
        };
        if ((admin?.Obstacle(read) ?? Obstacle(read)) is var (key, message))
            server.Wrong(server.At(key), message);
        return read;
    }

    private static string? Provider(JsonObjectReader server)
    {
        if (server.Text("provider") is not { } name)
            return null;
        if (ProviderProfiles.TryGet(name, out var profile))
            return profile.Name;
        server.Wrong(server.At("provider"), $"is \"{name}\", which is none that is known; \"migrator providers\" lists them.");
        return null;
    }

    /// <summary>Two settings that do not go together: the key of one, and why.</summary>
    public static (string Key, string Message)? Obstacle(MailServer server) =>
        server switch
        {
            { Auth: AuthMethod.External, ClientCertificate: null } => (
                "auth",
                "is \"external\", which logs in by a certificate; give one in \"clientCertificate\"."
            ),
            { Tls: TlsMode.None, ClientCertificate: not null } => (
                "clientCertificate",
                "is shown in TLS only; set \"tls\" to another mode."
            ),
            { Tls: TlsMode.None } when server.Auth.IsBound() => (
                "auth",
                "binds the login to TLS; set \"tls\" to another mode, or leave out \"-plus\"."
            ),
            _ => null,
        };

    private static ServerAuth? Auth(JsonObjectReader server, string? user, AdminLogin? admin, string directory)
    {
        var (isObject, isAdmin) = (server.HoldsObject("auth"), server.Has(AccessParser.AdminUser));
        foreach (var name in new[] { "password", "passwordFile" }.Where(name => (isObject || isAdmin) && server.Has(name)))
            server.Wrong(
                server.At(name),
                isAdmin
                    ? $"is given together with \"{AccessParser.AdminUser}\": an administrator needs no password of the mailbox; remove it."
                    : "is given together with \"auth\", which says how the secret is obtained; remove one of the two."
            );
        if (isObject)
        {
            var read = new AuthParser(server.Object("auth")!, directory).Read(user);
            if (!isAdmin)
                return read;
            server.Wrong(server.At("auth"), $"is given together with \"{AccessParser.AdminUser}\"; remove one of the two.");
            return null;
        }
        var method = server.Choice("auth", AuthMethods) ?? AuthMethod.Auto;
        if (isAdmin)
            return admin is not null && Password(server, admin.User, directory, AccessParser.AdminPassword) is { } secret
                ? new ServerAuth(method, secret, null)
                : null;
        if (method == AuthMethod.External)
        {
            foreach (var name in new[] { "password", "passwordFile" }.Where(server.Has))
                server.Wrong(server.At(name), "is given together with auth \"external\", which needs none; remove it.");
            return new ServerAuth(method, null, null);
        }
        return Password(server, user, directory, "password") is { } password ? new ServerAuth(method, password, null) : null;
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

    /// <param name="user">Whose it is.</param>
    /// <param name="key">Of the password; that of a file with passwords ends in <c>File</c>.</param>
    private static SecretReference? Password(JsonObjectReader server, string? user, string directory, string key)
    {
        var (fileKey, isAdmin) = ($"{key}File", key == AccessParser.AdminPassword);
        var what =
            $"say where the password is: {SecretReference.Forms}; or give the file with "
            + $"{(isAdmin ? "it" : "the passwords of all mailboxes")} in \"{fileKey}\"";
        if (server.Text(fileKey) is { } file)
        {
            if (isAdmin && JobTemplate.HasPlaceholder(file))
                AccessParser.Placeholder(server, fileKey);
            if (server.Has(key))
                server.Wrong(server.At(fileKey), $"is given together with \"{key}\"; give one of the two.");
            return new SecretReference(SecretSource.PasswordFile, Path.GetFullPath(file, directory)) { User = user ?? "" };
        }
        // What is wrong with it has been said.
        if (server.Has(fileKey))
            return null;
        if (server.Text(key, what + ".") is not { } text)
            return null;
        if (JobTemplate.HasPlaceholder(text) && (isAdmin || SecretReference.IsCommand(text)))
        {
            if (isAdmin)
                AccessParser.Placeholder(server, key);
            else
                AuthParser.Placeholder(server, key);
            return null;
        }
        if (SecretReference.Parse(text, directory) is { } reference)
            return reference.Source == SecretSource.Command ? reference with { User = user ?? "" } : reference;
        server.Wrong(server.At(key), $"must not be the password itself (it is not shown here); {what}.");
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
