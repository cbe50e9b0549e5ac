using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Secrets;
using Migrator.Identity.Provider;
using Migrator.Tests.Identity;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Fuzzing;

/// <summary>What token servers answer, and keys that a person downloads.</summary>
internal sealed class TokenTarget : FuzzTarget
{
    private const string Token =
        "{\"token_type\":\"Bearer\",\"expires_in\":3600,\"access_token\":\"eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4Iiwic2NwIjoiSU1BUCJ9.x\","
        + "\"refresh_token\":\"next-refresh-token\",\"scope\":\"mail\"}";
    private const string Code =
        "{\"device_code\":\"device-code\",\"user_code\":\"ABCD-EFGH\",\"verification_uri\":\"https://login.example.org/enter\","
        + "\"verification_uri_complete\":\"https://login.example.org/enter?code=ABCD\",\"expires_in\":600,\"interval\":1}";

    private static readonly Uri s_server = new("https://login.example.org/");
    private static readonly SecretReference s_secret = new(SecretSource.Env, "SECRET");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fuzz-tokens");

    public TokenTarget()
    {
        using var key = RSA.Create(2048);
        var file = JsonSerializer.Serialize(
            new
            {
                type = "service_account",
                client_email = "migration@project.iam.gserviceaccount.com",
                private_key_id = "key-1",
                private_key = key.ExportPkcs8PrivateKeyPem(),
                token_uri = new Uri(s_server, "token").AbsoluteUri,
            }
        );
        // An application has no refresh token.
        var ofApplication = Token.Replace("refresh_token", "other", StringComparison.Ordinal);
        Inputs = [.. new[] { Token, ofApplication, Token, Code, file }.Select(Encoding.UTF8.GetBytes)];
    }

    public override string Name => "token";

    public override IReadOnlyList<byte[]> Inputs { get; }

    // Each token is a secret from then on: now and then, the search for thousands of them is built again.
    public override long MostAllocated => 1L << 30;

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "{",
        "}",
        "[",
        "]",
        "null",
        "true",
        "\"\"",
        "\\u0000",
        "\\ud800",
        "-1",
        "2147483647",
        "1e400",
        "\"error\":\"invalid_grant\",",
        "\"error\":\"authorization_pending\",",
        "\"error\":\"slow_down\",",
        "\"error\":[1],",
        "\"error_description\":7,",
        "\"access_token\":{},",
        "\"expires_in\":\"soon\",",
        "\"expires_in\":2147483647,",
        "\"interval\":2147483647,",
        "\"verification_uri\":\"file:///etc/passwd\",",
        "-----BEGIN PRIVATE KEY-----",
    ];

    public override async Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        WasRead = false;
        var time = new SteppingClock(DateTimeOffset.UnixEpoch.AddYears(56));
        var answered = Encoding.UTF8.GetBytes(Token);
        try
        {
            switch (origin)
            {
                case 0:
                    await GetAsync(
                        new OAuthTokens(new Uri(s_server, "token"), "client", null, null, s_secret),
                        "refresh-token",
                        _ => input
                    );
                    break;
                case 1:
                    await GetAsync(
                        new MicrosoftTokens(MicrosoftGrant.ClientSecret, "example.org", "client", MicrosoftCloud.Global)
                        {
                            Authority = s_server,
                            ClientSecret = s_secret,
                        },
                        "secret",
                        _ => input
                    );
                    break;
                case 4:
                    await GetAsync(new GoogleTokens(s_secret, null), Encoding.Latin1.GetString(input), _ => answered);
                    break;
                default:
                    await LogInAsync(path =>
                        (path == "/device") == (origin == 3) ? input
                        : path == "/device" ? Encoding.UTF8.GetBytes(Code)
                        : answered
                    );
                    break;
            }
            WasRead = true;
        }
        catch (Exception exception) when (exception is MailException or ConfigurationException)
        {
            // As promised.
            Refusal = exception.Message;
        }

        async Task GetAsync(TokenSettings settings, string secret, Func<string, byte[]> answer)
        {
            using var provider = new TokenProvider(TestLogins.In(_directory), time, new FixedWebServer(answer));
            var credential = provider.For(settings, "ann", (_, _) => secret);
            var token = await credential.GetAsync(stop);
            await credential.DescribeAsync(new MailLogin(MailService.Imap, "ann"), stop);
            await credential.ReplaceAsync(token, stop);
        }

        async Task LogInAsync(Func<string, byte[]> answer)
        {
            var settings = new OAuthTokens(new Uri(s_server, "token"), "client", null, "mail", null)
            {
                DeviceEndpoint = new Uri(s_server, "device"),
            };
            using var flows = new LoginFlows(TestLogins.In(_directory), time, new FixedWebServer(answer));
            await flows.LogInAsync(settings, "ann", (_, _) => "", new TestPrompt { Code = (_, _) => { } }, stop);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return default;
    }
}
