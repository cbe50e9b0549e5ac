using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Secrets;
using Migrator.Identity.Provider;
using Migrator.Storage.Logins;
using Xunit;

namespace Migrator.Tests.Identity;

/// <summary>A person allows access in a browser; tokens are requested with what is stored of it.</summary>
public sealed class LoginFlowTests : IAsyncLifetime
{
    private static readonly SecretReference s_secret = new(SecretSource.Env, "SECRET");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("flows");
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private TokenAuthority _authority = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private MicrosoftTokens Microsoft =>
        new(MicrosoftGrant.DeviceCode, TokenAuthority.Tenant, TokenAuthority.ClientId, MicrosoftCloud.Global)
        {
            Authority = _authority.Address,
        };

    private OAuthTokens Device =>
        new(_authority.TokenEndpoint, TokenAuthority.ClientId, null, "mail offline", null) { DeviceEndpoint = _authority.DeviceEndpoint };

    private OAuthTokens Google =>
        OAuthTokens.OfGoogle(TokenAuthority.ClientId, s_secret) with
        {
            TokenEndpoint = _authority.TokenEndpoint,
            AuthorizationEndpoint = _authority.AuthorizationEndpoint,
            RevocationEndpoint = _authority.RevocationEndpoint,
        };

    public async ValueTask InitializeAsync() => _authority = await TokenAuthority.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _authority.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_code_of_Microsoft_is_entered_once()
    {
        using (var flows = Flows())
            Assert.Equal("ann@contoso", await flows.LogInAsync(Microsoft, "ann", Secret, Entering("ann@contoso"), Stop));

        for (var times = 1; times <= 3; times++)
            Assert.Contains(await TokenAsync(Microsoft, "ann"), _authority.Tokens);

        // The first was used up by the login.
        Assert.Equal(
            ["refresh-token-1", "refresh-token-2", "refresh-token-3"],
            _authority.Requests.Select(request => request["refresh_token"]).Where(token => token.Length > 0)
        );
        var asked = _authority.Requests[0];
        Assert.Contains("https://outlook.office.com/IMAP.AccessAsUser.All", asked["scope"].Split(' '));
        Assert.Contains("offline_access", asked["scope"].Split(' '));
        Assert.Equal([_authority.Address.Authority], _authority.Asked.Keys);
    }

    [Fact]
    public async Task A_code_of_any_server_is_entered_once()
    {
        _authority.Fault = form =>
            form["device_code"].Length == 0
                ? null
                : _authority.Requests.Count(request => request["device_code"].Length > 0) switch
                {
                    1 => TokenAuthority.Error(400, "slow_down", ""),
                    2 => Results.StatusCode(503),
                    _ => null,
                };
        using (var flows = Flows(_time))
        {
            var login = flows.LogInAsync(Device, "ann", Secret, Entering("ann"), Stop);
            await AdvanceAsync(login);
            Assert.Null(await login);
        }

        Assert.Contains(await TokenAsync(Device, "ann"), _authority.Tokens);
        Assert.Equal(3, _authority.Requests.Count(request => request["device_code"].Length > 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_login_that_is_declined_leaves_nothing(bool microsoft)
    {
        using var flows = Flows(_time);
        var login = flows.LogInAsync(
            microsoft ? Microsoft : Device,
            "ann",
            Secret,
            new TestPrompt { Code = (_, code) => _authority.Decline(code) },
            Stop
        );
        await AdvanceAsync(login);

        Assert.Equal(Reason.LoginDeclined, (await Assert.ThrowsAsync<MailException>(() => login)).Reason);
        Assert.Empty(await Store().ListAsync(Stop));
    }

    [Fact]
    public async Task A_code_that_nobody_enters_ends()
    {
        using var flows = Flows(_time);
        _authority.CodeLife = TimeSpan.FromSeconds(20);
        var login = flows.LogInAsync(Device, "ann", Secret, new TestPrompt { Code = (_, _) => { } }, Stop);
        await AdvanceAsync(login);

        Assert.Equal(Reason.LoginTimedOut, (await Assert.ThrowsAsync<MailException>(() => login)).Reason);
    }

    [Fact]
    public async Task A_browser_of_this_machine_returns_with_a_code()
    {
        using var browser = Browser();
        var answers = new List<HttpStatusCode>();
        using (var flows = Flows())
        {
            var opened = Task.CompletedTask;
            var prompt = new TestPrompt { Page = page => opened = OpenAllAsync(page) };
            await flows.LogInAsync(Google, "ann", Secret, prompt, Stop);
            await opened;
        }

        // Another page's request is not the answer, and does not end the login.
        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.NotFound, 5), HttpStatusCode.OK], answers);
        Assert.Contains(await TokenAsync(Google, "ann"), _authority.Tokens);
        var asked = _authority.Requests[0];
        Assert.Equal(("consent", "https://mail.google.com/", "code"), (asked["prompt"], asked["scope"], asked["response_type"]));
        Assert.Equal(TokenAuthority.ClientSecret, _authority.Requests[1]["client_secret"]);

        async Task OpenAllAsync(Uri page)
        {
            var redirect = System.Web.HttpUtility.ParseQueryString(page.Query)["redirect_uri"]!;
            string[] others = ["favicon.ico", "?x", "?a=1&a=2", "?state=x==&code", "?code=of-another&state=other"];
            foreach (var address in others.Select(other => redirect + other).Append(page.AbsoluteUri))
                answers.Add((await OpenAsync(browser, new Uri(address))).StatusCode);
        }
    }

    [Fact]
    public async Task A_person_pastes_the_address_of_a_browser_elsewhere()
    {
        using var browser = Browser();
        var page = new TaskCompletionSource<Uri>();
        var pasted = new Queue<string>(["not an address", "http://127.0.0.1:9/?code=x&state=another"]);
        var prompt = new TestPrompt
        {
            Page = page.SetResult,
            Address = async stop =>
                pasted.TryDequeue(out var wrong) ? wrong : (await browser.GetAsync(await page.Task, stop)).Headers.Location!.AbsoluteUri,
        };
        using (var flows = Flows())
            await flows.LogInAsync(Google, "ann", Secret, prompt, Stop);

        Assert.Equal(2, prompt.Rejected.Count);
        Assert.Contains(await TokenAsync(Google, "ann"), _authority.Tokens);
    }

    [Fact]
    public async Task A_person_who_declines_in_the_browser_is_understood()
    {
        _authority.Person = null;
        using var browser = Browser();
        using var flows = Flows();
        var prompt = new TestPrompt { Page = page => _ = OpenAsync(browser, page) };

        var declined = await Assert.ThrowsAsync<MailException>(() => flows.LogInAsync(Google, "ann", Secret, prompt, Stop));

        Assert.Equal(Reason.LoginDeclined, declined.Reason);
    }

    [Fact]
    public async Task A_login_that_can_be_stopped_leaves_nothing()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var flows = Flows();
        var prompt = new TestPrompt { Page = _ => stop.CancelAfter(TimeSpan.Zero) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flows.LogInAsync(Google, "ann", Secret, prompt, stop.Token));

        Assert.Empty(await Store().ListAsync(Stop));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_a_login_and_after_its_end_it_is_said_to_log_in(bool microsoft)
    {
        TokenSettings settings = microsoft ? Microsoft : Device;
        Assert.Equal(Reason.LoginMissing, (await Assert.ThrowsAsync<MailException>(() => TokenAsync(settings, "ann"))).Reason);
        using (var flows = Flows(_time))
        {
            var login = flows.LogInAsync(settings, "ann", Secret, Entering("ann"), Stop);
            await AdvanceAsync(login);
            await login;
        }
        _authority.End(_authority.RefreshToken);

        Assert.Equal(Reason.LoginExpired, (await Assert.ThrowsAsync<MailException>(() => TokenAsync(settings, "ann"))).Reason);
        // A login is one mailbox's.
        Assert.Equal(Reason.LoginMissing, (await Assert.ThrowsAsync<MailException>(() => TokenAsync(settings, "bob"))).Reason);
    }

    [Fact]
    public async Task Processes_that_renew_at_once_use_each_refresh_token_once()
    {
        await LogInAsync(Device);

        var tokens = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => TokenAsync(Device, "ann")));

        Assert.All(tokens, token => Assert.Contains(token, _authority.Tokens));
        Assert.Equal(12, tokens.Distinct().Count());
    }

    [Fact]
    public async Task A_refresh_token_of_a_job_file_is_followed_by_the_next_process_too()
    {
        var settings = new OAuthTokens(_authority.TokenEndpoint, TokenAuthority.ClientId, null, null, s_secret);

        for (var times = 0; times < 3; times++)
            await TokenAsync(settings, "ann", "refresh-token-0");
        // Somebody has written another one into the file.
        await LogInAsync(Device with { ClientId = "other" });
        await TokenAsync(settings, "ann", _authority.RefreshToken);

        Assert.Equal(
            ["refresh-token-0", "refresh-token-1", "refresh-token-2", "refresh-token-4"],
            _authority.Requests.Select(request => request["refresh_token"]).Where(token => token.Length > 0)
        );
    }

    [Fact]
    public async Task Jobs_with_different_refresh_tokens_keep_each_its_own()
    {
        await LogInAsync(Device with { ClientId = "other" });
        var settings = new OAuthTokens(_authority.TokenEndpoint, TokenAuthority.ClientId, null, null, s_secret);

        for (var times = 0; times < 2; times++)
            foreach (var given in new[] { "refresh-token-0", "refresh-token-1" })
                Assert.Contains(await TokenAsync(settings, "ann", given), _authority.Tokens);
    }

    [Fact]
    public async Task What_is_stopped_while_a_token_is_replaced_keeps_its_successor()
    {
        await LogInAsync(Device);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        _authority.Fault = _ =>
        {
            stop.Cancel();
            return null;
        };
        using (var provider = new TokenProvider(Store(), TimeProvider.System, _authority.Handler()))
            await provider.For(Device, "ann", (_, _) => "").GetAsync(stop.Token);
        Assert.True(stop.IsCancellationRequested);
        _authority.Fault = _ => null;

        Assert.Contains(await TokenAsync(Device, "ann"), _authority.Tokens);
    }

    [Fact]
    public async Task Without_a_key_no_refresh_token_is_used_up_and_nobody_goes_to_a_page()
    {
        var settings = new OAuthTokens(_authority.TokenEndpoint, TokenAuthority.ClientId, null, null, s_secret);
        var store = LoginStore.Create(
            () => null,
            Path.Combine(_directory.FullName, "logins"),
            () => throw new MailException(Reason.LoginKeyWrong, "There is no key."),
            TimeProvider.System
        );
        using var provider = new TokenProvider(store, TimeProvider.System, _authority.Handler());
        using var flows = new LoginFlows(store, TimeProvider.System, _authority.Handler());

        await Assert.ThrowsAsync<MailException>(async () =>
            await provider.For(settings, "ann", (_, _) => "refresh-token-0").GetAsync(Stop)
        );
        await Assert.ThrowsAsync<MailException>(() => flows.LogInAsync(Device, "ann", Secret, new TestPrompt(), Stop));
        await Assert.ThrowsAsync<MailException>(() => flows.LogInAsync(Microsoft, "ann", Secret, new TestPrompt(), Stop));

        Assert.Empty(_authority.Requests);
    }

    [Fact]
    public async Task A_login_replaces_one_that_cannot_be_decrypted_any_more()
    {
        await LogInAsync(Device);
        foreach (var file in _directory.GetFiles("*", SearchOption.AllDirectories).Where(file => file.Extension.Length == 0))
            await File.WriteAllBytesAsync(file.FullName, new byte[100], Stop);

        await LogInAsync(Device);

        Assert.Contains(await TokenAsync(Device, "ann"), _authority.Tokens);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_login_is_revoked(bool answers)
    {
        await LogInAsync(Device);
        var settings = Device with { RevocationEndpoint = _authority.RevocationEndpoint };
        _authority.Fault = form => form.Endpoint == "revoke" && !answers ? Results.StatusCode(503) : null;
        using var flows = Flows();

        var (first, second) = (
            await flows.RevokeAsync(settings, "ann", Secret, Stop),
            await flows.RevokeAsync(settings, "ann", Secret, Stop)
        );

        Assert.Equal(answers ? LoginRevocation.AtServer : LoginRevocation.HereOnly, first);
        Assert.Equal(LoginRevocation.Missing, second);
        Assert.Equal(answers, !_authority.RefreshTokens.Contains("refresh-token-1"));
        Assert.Empty(await Store().ListAsync(Stop));
    }

    private static string Secret(SecretReference reference, string purpose) => TokenAuthority.ClientSecret;

    private ILoginStore Store() => TestLogins.In(_directory);

    private LoginFlows Flows(TimeProvider? time = null) => new(Store(), time ?? TimeProvider.System, _authority.Handler());

    private TestPrompt Entering(string user) => new() { Code = (_, code) => _authority.Allow(code, user) };

    private HttpClient Browser()
    {
        var handler = (DelegatingHandler)_authority.Handler();
        ((SocketsHttpHandler)handler.InnerHandler!).AllowAutoRedirect = false;
        return new HttpClient(handler);
    }

    /// <summary>From TLS to this machine too, which .NET does not follow by itself.</summary>
    private static async Task<HttpResponseMessage> OpenAsync(HttpClient browser, Uri page)
    {
        var response = await browser.GetAsync(page, Stop);
        return response.Headers.Location is { } next ? await browser.GetAsync(next, Stop) : response;
    }

    private async Task LogInAsync(OAuthTokens settings)
    {
        using var flows = Flows(_time);
        var login = flows.LogInAsync(settings, "ann", Secret, Entering("ann"), Stop);
        await AdvanceAsync(login);
        await login;
    }

    /// <summary>As a new process has it.</summary>
    private async Task<string> TokenAsync(TokenSettings settings, string mailbox, string secret = TokenAuthority.ClientSecret)
    {
        using var provider = new TokenProvider(Store(), TimeProvider.System, _authority.Handler());
        return await provider.For(settings, mailbox, (_, _) => secret).GetAsync(Stop);
    }

    /// <summary>Lets time pass, until it is over.</summary>
    private async Task AdvanceAsync(Task login)
    {
        while (!login.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(login, Task.Delay(5, Stop));
        }
    }
}
