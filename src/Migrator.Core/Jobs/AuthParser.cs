using Migrator.Core.Identity;
using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>Reads <c>auth</c> of a server where it is an object: how access tokens are obtained, or which program prints a
/// secret.</summary>
/// <param name="directory">Where relative paths start from.</param>
internal sealed class AuthParser(JsonObjectReader auth, string directory)
{
    private static readonly IReadOnlyDictionary<string, AuthType> s_types = new Dictionary<string, AuthType>
    {
        ["microsoft"] = AuthType.Microsoft,
        ["google"] = AuthType.Google,
        ["oauth"] = AuthType.OAuth,
        ["command"] = AuthType.Command,
    };

    private static readonly IReadOnlyDictionary<string, AuthMethod> s_mechanisms = new Dictionary<string, AuthMethod>
    {
        ["xoauth2"] = AuthMethod.XOAuth2,
        ["oauthbearer"] = AuthMethod.OAuthBearer,
    };

    private static readonly IReadOnlyDictionary<string, MicrosoftCloud> s_clouds = new Dictionary<string, MicrosoftCloud>
    {
        ["global"] = MicrosoftCloud.Global,
        ["gccHigh"] = MicrosoftCloud.GccHigh,
        ["dod"] = MicrosoftCloud.Dod,
        ["china"] = MicrosoftCloud.China,
    };

    private static readonly IReadOnlyDictionary<string, AuthMethod> s_printed = new Dictionary<string, AuthMethod>
    {
        ["password"] = AuthMethod.Auto,
        ["token"] = AuthMethod.OAuth,
    };

    private enum AuthType
    {
        Microsoft,
        Google,
        OAuth,
        Command,
    }

    /// <param name="user">The login name.</param>
    /// <returns>Null where it has errors.</returns>
    public ServerAuth? Read(string? user)
    {
        if (!auth.Has("type"))
        {
            auth.Wrong(auth.At("type"), $"is missing; use {JsonObjectReader.OneOf(s_types.Keys)}.");
            return null;
        }
        if (auth.Choice("type", s_types) is not { } type)
            return null;
        if (type == AuthType.Command)
            return Command(user);
        var mechanism = auth.Choice("mechanism", s_mechanisms) ?? AuthMethod.OAuth;
        TokenSettings? tokens = type switch
        {
            AuthType.Microsoft => Microsoft(),
            AuthType.Google => Google(),
            _ => OAuth(),
        };
        auth.NothingElse();
        return tokens is null ? null : new ServerAuth(mechanism, null, tokens);
    }

    private ServerAuth? Command(string? user)
    {
        var command = auth.Text("command", "give the command line of the program that prints the secret.");
        var method = auth.Choice("prints", s_printed) ?? AuthMethod.Auto;
        auth.NothingElse();
        return command is null ? null
            : JobTemplate.HasPlaceholder(command) ? Placeholder(auth, "command")
            : new ServerAuth(method, new SecretReference(SecretSource.Command, command) { User = user ?? "" }, null);
    }

    private MicrosoftTokens? Microsoft()
    {
        var (managed, device) = (auth.Flag("managedIdentity") == true, auth.Flag("deviceCode") == true);
        var (secret, certificate) = (Secret("clientSecret"), FilePath("certificateFile"));
        var (password, federated) = (Secret("certificatePassword"), FilePath("federatedTokenFile"));
        List<MicrosoftGrant> grants =
        [
            .. auth.Has("clientSecret") ? [MicrosoftGrant.ClientSecret] : Array.Empty<MicrosoftGrant>(),
            .. auth.Has("certificateFile") ? [MicrosoftGrant.Certificate] : Array.Empty<MicrosoftGrant>(),
            .. auth.Has("federatedTokenFile") ? [MicrosoftGrant.Federation] : Array.Empty<MicrosoftGrant>(),
            .. managed ? [MicrosoftGrant.ManagedIdentity] : Array.Empty<MicrosoftGrant>(),
            .. device ? [MicrosoftGrant.DeviceCode] : Array.Empty<MicrosoftGrant>(),
        ];
        if (grants is not [var grant])
        {
            auth.Wrong(
                auth.Path,
                "give exactly one of \"clientSecret\", \"certificateFile\", \"federatedTokenFile\", \"managedIdentity\": true and "
                    + "\"deviceCode\": true."
            );
            grant = MicrosoftGrant.ManagedIdentity;
        }
        if (password is not null && grant != MicrosoftGrant.Certificate)
            auth.Wrong(auth.At("certificatePassword"), "is given without \"certificateFile\".");
        var scope = auth.Text("scope");
        if (scope is not null && grant != MicrosoftGrant.DeviceCode)
            auth.Wrong(auth.At("scope"), "is given without \"deviceCode\": true. An application has the rights that were granted to it.");
        const string what = "of the app registration in Microsoft Entra ID.";
        var tenant = auth.Text("tenant", managed ? null : $"give the tenant {what}");
        var client = auth.Text("clientId", managed ? null : $"give the application (client) id {what}");
        if (tenant is not null && tenant.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.')))
            auth.Wrong(auth.At("tenant"), "must be the tenant's id or one of its domains, such as \"contoso.onmicrosoft.com\".");
        return new MicrosoftTokens(grant, tenant ?? "", client ?? "", auth.Choice("cloud", s_clouds) ?? MicrosoftCloud.Global)
        {
            Authority = HttpsUrl("authority"),
            ClientSecret = secret,
            CertificateFile = certificate,
            CertificatePassword = password,
            FederatedTokenFile = federated,
            Scope = scope,
        };
    }

    private TokenSettings? Google()
    {
        if (auth.Has("clientId"))
            return GoogleApp();
        var key = Secret("key", "say where the key of the service account (JSON) is");
        var subject = auth.Text("subject");
        return key is null ? null : new GoogleTokens(key, subject);
    }

    private OAuthTokens? GoogleApp()
    {
        if (auth.Has("key"))
            auth.Wrong(
                auth.Path,
                "give \"key\" for a service account, or \"clientId\" for an application that a person allows in a browser, not both."
            );
        var client = auth.Text("clientId");
        var secret = Secret("clientSecret", "say where the secret of the client is");
        return client is null || secret is null ? null : OAuthTokens.OfGoogle(client, secret);
    }

    private OAuthTokens? OAuth()
    {
        var endpoint = HttpsUrl("tokenEndpoint", "give the URL that tokens are requested from.");
        var client = auth.Text("clientId", "give the id of the client at that server.");
        var (secret, scope, refresh) = (Secret("clientSecret"), auth.Text("scope"), Secret("refreshToken"));
        var (device, page) = (HttpsUrl("deviceEndpoint"), HttpsUrl("authorizationEndpoint"));
        string[] ways = [.. new[] { "refreshToken", "deviceEndpoint", "authorizationEndpoint" }.Where(auth.Has)];
        if (ways.Length == 0 && !auth.Has("clientSecret"))
            auth.Wrong(
                auth.Path,
                "give \"clientSecret\" for the rights of the client, or for the mailbox of one person \"refreshToken\", "
                    + "\"deviceEndpoint\" or \"authorizationEndpoint\"."
            );
        if (ways.Length > 1)
            auth.Wrong(auth.Path, $"give only one of {JsonObjectReader.OneOf(ways)}.");
        return endpoint is null || client is null
            ? null
            : new OAuthTokens(endpoint, client, secret, scope, refresh)
            {
                DeviceEndpoint = device,
                AuthorizationEndpoint = page,
                RevocationEndpoint = HttpsUrl("revocationEndpoint"),
            };
    }

    private string? FilePath(string name) => auth.Text(name) is { } path ? Path.GetFullPath(path, directory) : null;

    private SecretReference? Secret(string name, string? missing = null)
    {
        if (auth.Text(name, missing is null ? null : $"{missing}: {SecretReference.Forms}.") is not { } text)
            return null;
        if (JobTemplate.HasPlaceholder(text) && SecretReference.IsCommand(text))
            Placeholder(auth, name);
        if (SecretReference.Parse(text, directory) is { } reference)
            return reference;
        auth.Wrong(auth.At(name), $"must not be the secret itself (it is not shown here); say where it is: {SecretReference.Forms}.");
        return null;
    }

    private Uri? HttpsUrl(string name, string? missing = null)
    {
        if (auth.Text(name, missing) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "https", UserInfo: "", Fragment: "" })
            return url;
        auth.Wrong(auth.At(name), "must be an https:// URL without user: a secret is sent to it.");
        return null;
    }

    /// <summary>Of a list of mailboxes, a name would become a part of what a shell runs.</summary>
    public static ServerAuth? Placeholder(JsonObjectReader reader, string name)
    {
        reader.Wrong(
            reader.At(name),
            "must not contain {name}: a list of mailboxes could run programs with it. Use the environment variable MIGRATOR_USER, which is "
                + "the login name."
        );
        return null;
    }
}
