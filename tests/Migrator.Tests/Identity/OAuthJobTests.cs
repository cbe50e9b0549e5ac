using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Identity;

/// <summary>Jobs that log in with tokens, as a user runs them.</summary>
public sealed class OAuthJobTests : IAsyncLifetime
{
    private const int Mailboxes = 5;

    // With characters that JSON and addresses write otherwise.
    private const string Secret = "Le+/=&<9k-of-the-test";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("oauth");
    private TokenAuthority _authority = null!;
    private DovecotServer _applications = null!,
        _persons = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string State => Path.Combine(_directory.FullName, "state");

    public async ValueTask InitializeAsync()
    {
        _authority = await TokenAuthority.StartAsync();
        _applications = await TokenMailServer.StartAsync(_authority, forAnyUser: true);
        _persons = await TokenMailServer.StartAsync(_authority, forAnyUser: false);
    }

    public async ValueTask DisposeAsync()
    {
        await _applications.DisposeAsync();
        await _persons.DisposeAsync();
        await _authority.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Mailboxes_of_a_job_go_from_Google_to_Microsoft_and_nothing_secret_is_written_down()
    {
        var users = Enumerable.Range(0, Mailboxes).Select(_ => DovecotServer.NewUser("ann")).ToList();
        foreach (var user in users)
            _persons.DeliverRaw(user, Encoding.ASCII.GetBytes($"Subject: For {user}\r\n\r\nHello.\r\n"), TimeProvider.System.GetUtcNow());

        var (code, output, errors) = await RunAsync(
            await JobAsync(Google, Microsoft, users),
            ("SECRET", TokenAuthority.ClientSecret),
            ("GOOGLE", _authority.GoogleKeyJson)
        );

        Assert.True(code == 0, output + errors);
        foreach (var user in users)
        {
            await using var mailbox = await _applications.LogInAsync(user);
            Assert.Contains("(MESSAGES 1)", string.Concat((await mailbox.RunAsync("STATUS INBOX (MESSAGES)")).Select(line => line.Text)));
        }
        Assert.Single(_authority.Requests, request => request["grant_type"] == "client_credentials");
        Assert.Equal(Mailboxes, _authority.Requests.Count(request => request["assertion"].Length > 0));
        string[] secrets =
        [
            TokenAuthority.ClientSecret,
            .. _authority.Tokens,
            .. _authority.Requests.Select(request => request["assertion"]).Where(assertion => assertion.Length > 0),
            _authority.GoogleKeyJson.Split("\\n")[3],
        ];
        await SearchAsync(output + errors, secrets);
    }

    [Fact]
    public async Task A_wrong_secret_is_one_request_and_an_instruction_for_every_mailbox()
    {
        var users = Enumerable.Range(0, Mailboxes).Select(_ => DovecotServer.NewUser("ann")).ToList();

        var (code, output, errors) = await RunAsync(
            await JobAsync(Google, Microsoft, users),
            ("SECRET", "wrong~secret"),
            ("GOOGLE", _authority.GoogleKeyJson)
        );

        Assert.NotEqual(0, code);
        Assert.Single(_authority.Requests, request => request["grant_type"] == "client_credentials");
        Assert.Contains("entra-secret-wrong", output + errors);
        Assert.Contains("AADSTS7000215", output + errors);
        Assert.Contains("Use the value of the client secret, not its id", output + errors);
        await SearchAsync(output + errors, ["wrong~secret"]);
    }

    [Theory]
    [InlineData("microsoft")]
    [InlineData("google")]
    [InlineData("client credentials")]
    [InlineData("refresh token")]
    public async Task A_token_server_that_repeats_what_it_was_sent_shows_nothing(string grant)
    {
        _authority.Fault = form =>
            Results.Json(
                new { error = "invalid_client", error_description = $"AADSTS7000215: not {string.Join(" nor ", InAllForms(form))}." },
                statusCode: 401
            );
        Func<TokenAuthority, object> auth = grant switch
        {
            "microsoft" => Microsoft,
            "google" => Google,
            "client credentials" => authority => new
            {
                type = "oauth",
                tokenEndpoint = authority.TokenEndpoint,
                clientId = TokenAuthority.ClientId,
                clientSecret = "env:SECRET",
            },
            _ => authority => new
            {
                type = "oauth",
                tokenEndpoint = authority.TokenEndpoint,
                clientId = TokenAuthority.ClientId,
                clientSecret = "env:SECRET",
                refreshToken = "env:REFRESH",
            },
        };

        var (code, output, errors) = await RunAsync(
            await JobAsync(auth, auth, [DovecotServer.NewUser("ann")]),
            ("SECRET", Secret),
            ("REFRESH", $"{Secret}-refresh"),
            ("GOOGLE", _authority.GoogleKeyJson)
        );

        Assert.NotEqual(0, code);
        Assert.Contains("***", output + errors);
        var sent = _authority.Requests.SelectMany(Secrets).Distinct().ToList();
        Assert.NotEmpty(sent);
        // Part of one, too.
        await SearchAsync(
            output + errors,
            [.. sent, .. sent.Select(Uri.EscapeDataString), .. sent.Select(secret => secret[..^(secret.Length / 3)])]
        );
    }

    [Fact]
    public async Task A_mail_server_that_repeats_the_token_shows_nothing()
    {
        var token = "";
        _authority.HidesTokens = true;
        await using var proxy = new LoopbackProxy(_applications.ImapPort)
        {
            FromServer = text =>
            {
                token = _authority.Tokens.FirstOrDefault("");
                return token.Length > 0 && text.Contains(" NO ", StringComparison.Ordinal)
                    ? text.Replace(
                        "\r\n",
                        $" {token} {Convert.ToBase64String(Encoding.ASCII.GetBytes($"auth=Bearer {token}\u0001\u0001"))}\r\n"
                    )
                    : text;
            },
        };
        var server = new
        {
            host = "localhost",
            port = proxy.Port,
            user = "{name}",
            tls = "none",
            auth = Microsoft(_authority),
        };
        var job = Path.Combine(_directory.FullName, "job.json");
        await File.WriteAllTextAsync(
            job,
            JsonSerializer.Serialize(
                new
                {
                    source = server,
                    target = server with
                    {
                        user = "other-{name}",
                    },
                    mailboxes = new[] { DovecotServer.NewUser("ann") },
                }
            ),
            Stop
        );

        var (code, output, errors) = await RunAsync(job, ("SECRET", TokenAuthority.ClientSecret));

        Assert.NotEqual(0, code);
        Assert.NotEmpty(token);
        Assert.Contains("***", output + errors);
        await SearchAsync(output + errors, [.. _authority.Tokens]);
    }

    [Fact]
    public async Task A_secret_does_not_follow_a_redirect()
    {
        _authority.Fault = form =>
            form.Endpoint == TokenAuthority.Tenant
                ? Results.Redirect(new Uri(_authority.Address, "elsewhere/oauth2/v2.0/token").AbsoluteUri, preserveMethod: true)
                : null;

        var (code, output, errors) = await RunAsync(
            await JobAsync(Google, Microsoft, [DovecotServer.NewUser("ann")]),
            ("SECRET", TokenAuthority.ClientSecret),
            ("GOOGLE", _authority.GoogleKeyJson)
        );

        Assert.NotEqual(0, code);
        Assert.Contains("307", output + errors);
        Assert.Contains(_authority.Requests, request => request.Endpoint == TokenAuthority.Tenant);
        Assert.DoesNotContain(_authority.Requests, request => request.Endpoint == "elsewhere");
    }

    [Fact]
    public async Task A_program_prints_the_tokens_of_every_mailbox()
    {
        _authority.Life = TimeSpan.FromMinutes(10);
        var users = Enumerable.Range(0, 2).Select(_ => DovecotServer.NewUser("ann")).ToList();
        var tokens = users.ToDictionary(user => user, _authority.Give);
        foreach (var (user, token) in tokens)
            await File.WriteAllTextAsync(Path.Combine(_directory.FullName, user), token + "\nsomething else\n", Stop);
        var command = $"cat '{_directory.FullName}'/\"$MIGRATOR_USER\"";

        var (code, output, errors) = await RunAsync(
            await JobAsync(
                _ => new
                {
                    type = "command",
                    command,
                    prints = "token",
                },
                Microsoft,
                users
            ),
            ("SECRET", TokenAuthority.ClientSecret)
        );

        Assert.True(code == 0, output + errors);
        await SearchAsync(output + errors, [.. tokens.Values]);
    }

    [Fact]
    public async Task A_person_logs_in_once_and_jobs_run_until_it_is_revoked()
    {
        _authority.EntersCodes = true;
        var user = DovecotServer.NewUser("ann");
        _authority.Person = user;
        _persons.DeliverRaw(user, "Subject: For ann\r\n\r\nHello.\r\n"u8.ToArray(), TimeProvider.System.GetUtcNow());
        var job = await JobAsync(Device, Microsoft, [user]);
        var secret = ("SECRET", TokenAuthority.ClientSecret);

        var early = await RunAsync(job, secret);
        var login = await CommandAsync("login", job);
        var first = await RunAsync(job, secret);
        var list = await CommandAsync("login", "list");
        var again = await CommandAsync("login", job, "--missing");
        var used = _authority.RefreshTokens.Single(token => token != "refresh-token-0");
        var revoked = await CommandAsync("login", "revoke", job);
        var late = await RunAsync(job, secret);

        Assert.NotEqual(0, early.Code);
        Assert.Contains("login-missing", early.Output + early.Errors);
        Assert.True(login.Code == 0, login.Output + login.Errors);
        Assert.Contains("enter the code CODE-1 (valid for 15 min", login.Output);
        Assert.True(first.Code == 0, first.Output + first.Errors);
        Assert.Contains(user, list.Output);
        Assert.Contains("Nobody is missing", again.Output);
        Assert.Contains("revoked at the server", revoked.Output);
        Assert.DoesNotContain(used, _authority.RefreshTokens);
        Assert.NotEqual(0, late.Code);
        Assert.Contains("login-missing", late.Output + late.Errors);
        await SearchAsync(
            string.Concat(new[] { early, login, first, list, again, revoked, late }.Select(run => run.Output + run.Errors)),
            ["refresh-token-1", used, "device-code-1", .. _authority.Tokens]
        );
    }

    [Fact]
    public async Task A_job_that_needs_no_login_is_said_to_need_none()
    {
        var (code, _, errors) = await CommandAsync("login", await JobAsync(Google, Microsoft, ["ann"]));

        Assert.Equal(Migrator.App.Output.ExitCode.Configuration, code);
        Assert.Contains("no server of this job has a login in a browser", errors);
    }

    [Theory]
    [InlineData("--all", "--user", "ann")]
    [InlineData("--all", "--only", "ann")]
    [InlineData("--user", "ann")]
    [InlineData("--provider", "google", "--only", "ann")]
    public async Task Options_that_do_not_belong_together_revoke_nothing(params string[] options)
    {
        var (code, _, errors) = await CommandAsync(["login", "revoke", .. options]);

        Assert.Equal(Migrator.App.Output.ExitCode.Configuration, code);
        Assert.Contains("command line", errors);
    }

    private static object Device(TokenAuthority authority) =>
        new
        {
            type = "oauth",
            tokenEndpoint = authority.TokenEndpoint,
            clientId = TokenAuthority.ClientId,
            deviceEndpoint = authority.DeviceEndpoint,
            revocationEndpoint = authority.RevocationEndpoint,
        };

    private static object Google(TokenAuthority authority) => new { type = "google", key = "env:GOOGLE" };

    private static object Microsoft(TokenAuthority authority) =>
        new
        {
            type = "microsoft",
            tenant = TokenAuthority.Tenant,
            clientId = TokenAuthority.ClientId,
            clientSecret = "env:SECRET",
            authority = authority.Address,
        };

    private async Task<string> JobAsync(
        Func<TokenAuthority, object> source,
        Func<TokenAuthority, object> target,
        IReadOnlyList<string> users
    )
    {
        object Server(DovecotServer dovecot, Func<TokenAuthority, object> auth) =>
            new
            {
                host = "localhost",
                port = dovecot.ImapsPort,
                user = "{name}",
                auth = auth(_authority),
                certificate = new { fingerprint = $"sha256:{dovecot.Fingerprint}" },
            };

        var file = Path.Combine(_directory.FullName, "job.json");
        await File.WriteAllTextAsync(
            file,
            JsonSerializer.Serialize(
                new
                {
                    source = Server(_persons, source),
                    target = Server(_applications, target),
                    mailboxes = users,
                }
            ),
            Stop
        );
        return file;
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(string job, params (string Name, string Value)[] environment) =>
        CommandAsync(environment, "run", job, "--verbose");

    private Task<(int Code, string Output, string Errors)> CommandAsync(params string[] arguments) => CommandAsync([], arguments);

    private Task<(int Code, string Output, string Errors)> CommandAsync(
        (string Name, string Value)[] environment,
        params string[] arguments
    ) =>
        MigratorProcess.RunWithAsync(
            new Dictionary<string, string>(environment.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)))
            {
                ["SSL_CERT_FILE"] = _authority.AuthorityFile,
                ["MIGRATOR_Logging__Protocol"] = Path.Combine(State, "protocol"),
            },
            State,
            arguments
        );

    /// <summary>What was said, and every file that the run left.</summary>
    private async Task SearchAsync(string output, IReadOnlyList<string> secrets)
    {
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, output));
        var files = Directory.GetFiles(State, "*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Stop));
            Assert.All(
                secrets,
                secret =>
                {
                    Assert.DoesNotContain(secret, text);
                    Assert.All(AsSent(secret), sent => Assert.DoesNotContain(sent, text));
                }
            );
        }
    }

    private static IEnumerable<string> Secrets(TokenRequestForm form) =>
        new[] { form["client_secret"], form["assertion"], form["refresh_token"] }.Where(secret => secret.Length > 0);

    private static IEnumerable<string> InAllForms(TokenRequestForm form) =>
        Secrets(form)
            .SelectMany(secret => new[] { secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.ASCII.GetBytes(secret)) });

    /// <summary>In Base64, wherever in a SASL response it begins.</summary>
    private static IEnumerable<string> AsSent(string secret) =>
        Enumerable.Range(0, 3).Select(shift => Convert.ToBase64String(Encoding.ASCII.GetBytes(new string(' ', shift) + secret))[4..^4]);
}
