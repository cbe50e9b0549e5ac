using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Migrator.Core.Discovery;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Core.Providers;

namespace Migrator.Cli.Commands;

/// <summary>A job file for what was found, with comments on what is left to do.</summary>
internal static class DiscoveredJob
{
    private const string NoClient = "00000000-0000-0000-0000-000000000000";

    /// <param name="target">Null for a backup.</param>
    public static string Of(MailboxAddress source, DiscoveredServer server, MailboxAddress? target, DiscoveredServer? targetServer)
    {
        var text = new StringBuilder("{\n");
        if (target is null)
            text.Append("  \"kind\": \"backup\",\n");
        Add(text, "source", source, server);
        text.Append(",\n");
        if (target is not null)
            Add(text, "target", target, targetServer!);
        else
            text.Append(
                """
                  // Create it with "migrator archive init" and the name of this file. To migrate instead, run discover with --target.
                  "archive": {
                    "location": "archive",
                    "passphrase": "env:ARCHIVE_PASSPHRASE"
                  }
                """.ReplaceLineEndings("\n")
            );
        return text.Append("\n}\n").ToString();
    }

    private static void Add(StringBuilder text, string end, MailboxAddress address, DiscoveredServer server)
    {
        Comment(2, $"{address.Text}: found by {server.Source.Title()}, {server.Where}.");
        if (!server.IsProven)
            Comment(2, $"Nothing proves that this host belongs to {address.Domain}: check it before a password goes there.");
        if (server.Provider?.Setup is { } setup)
            Comment(2, setup);
        text.Append($"  \"{end}\": {{\n");
        if (server.Protocol == MailProtocol.Pop3)
            Property("protocol", "pop3");
        Property("host", server.Host);
        if (server.Port != MailServerUrl.DefaultPort(server.Protocol, server.Tls))
            text.Append($"    \"port\": {server.Port},\n");
        if (server.Tls == TlsMode.StartTls)
            Property("tls", "starttls");
        if (server is { Trust: ServerTrust.Certificate, Certificate: { } certificate })
        {
            Comment(4, $"Its certificate is valid for {address.Domain}, which proves this host as long as it is pinned.");
            text.Append($"    \"certificate\": {{ \"fingerprint\": \"sha256:{certificate.Fingerprint}\" }},\n");
        }
        Property("user", server.User);
        foreach (var line in Login(end, address, server))
            text.Append(line).Append('\n');
        text.Append("  }");

        void Comment(int indent, string words) => text.Append(' ', indent).Append("// ").Append(words).Append('\n');

        void Property(string name, string value) => text.Append($"    \"{name}\": {Quoted(value)},\n");
    }

    private static IEnumerable<string> Login(string end, MailboxAddress address, DiscoveredServer server) =>
        server.Login switch
        {
            DiscoveredLogin.Microsoft when server.Provider == ProviderProfiles.OutlookCom =>
            [
                "    // Register an application and log in once with \"migrator login\": docs/providers.md, \"Logins in a browser\".",
                "    \"auth\": {",
                "      \"type\": \"microsoft\",",
                "      \"tenant\": \"consumers\",",
                $"      \"clientId\": \"{NoClient}\",",
                "      \"deviceCode\": true",
                "    }",
            ],
            DiscoveredLogin.Microsoft =>
            [
                "    // Register an application, and give it the right to the mailbox: docs/providers.md, \"Microsoft 365\".",
                "    \"auth\": {",
                "      \"type\": \"microsoft\",",
                $"      \"tenant\": {Quoted(address.Domain)},",
                $"      \"clientId\": \"{NoClient}\",",
                .. Cloud(server) is { } cloud ? [$"      \"cloud\": \"{cloud}\","] : Array.Empty<string>(),
                "      \"clientSecret\": \"env:MICROSOFT_SECRET\"",
                "    }",
            ],
            DiscoveredLogin.Google when address.Domain is not ("gmail.com" or "googlemail.com") =>
            [
                "    // Create a service account with domain-wide delegation: docs/providers.md, \"Google Workspace\".",
                "    \"auth\": {",
                "      \"type\": \"google\",",
                "      \"key\": \"file:service-account.json\"",
                "    }",
            ],
            DiscoveredLogin.OAuth =>
            [
                "    // The provider's documentation says what belongs here: docs/providers.md, \"Any other OAuth 2.0 server\".",
                "    \"auth\": {",
                "      \"type\": \"oauth\",",
                "      \"tokenEndpoint\": \"https://token-server.example/token\",",
                "      \"clientId\": \"CLIENT\",",
                $"      \"refreshToken\": \"env:{CopyJob.PasswordVariable(end)}\"",
                "    }",
            ],
            var login =>
            [
                .. login is DiscoveredLogin.AppPassword or DiscoveredLogin.Google
                    ? ["    // An app password, which is created on the account pages of the provider; not the account's password."]
                    : Array.Empty<string>(),
                $"    \"password\": \"env:{CopyJob.PasswordVariable(end)}\"",
            ],
        };

    private static string? Cloud(DiscoveredServer server) =>
        server.Provider?.Cloud switch
        {
            MicrosoftCloud.GccHigh => "gccHigh",
            MicrosoftCloud.China => "china",
            _ => null,
        };

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
