using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Migrator.App.Execution;
using Migrator.Core.Auditing;
using Migrator.Service.Dashboard;
using Migrator.Service.Execution;
using MudBlazor;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

/// <summary>A page was let in when it was opened. It may act, and look, for no longer than its session lasts.</summary>
public sealed class SessionTests : IDisposable
{
    private const string Token = "the-acting-token-0123456789";
    private readonly Chromium _chromium;
    private readonly string _token = Path.GetTempFileName();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public SessionTests(Chromium chromium)
    {
        _chromium = chromium;
        File.WriteAllText(_token, Token);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_token);

    [Fact]
    public async Task An_open_page_ends_with_its_session_however_active_it_is()
    {
        await using var host = await StartAsync();
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(host.Url);
        await page.GetByLabel("Token").FillAsync(Token);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("html[data-live]").WaitForAsync();
        foreach (var hours in new[] { 6, 5 })
        {
            _time.Advance(TimeSpan.FromHours(hours));
            await page.GotoAsync($"{host.Url}/history");
            await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
            await page.Locator("html[data-live]").WaitForAsync();
        }
        await Expect(page.GetByText("Run all")).ToBeVisibleAsync();
        var copy = Assert.Single(await context.CookiesAsync(), cookie => cookie.Name == "migrator");

        _time.Advance(TimeSpan.FromHours(1));

        await Expect(page.GetByLabel("Token")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.Equal(HttpStatusCode.Redirect, await AskAsync(host, "/history", ("Cookie", $"migrator={copy.Value}")));
    }

    [Fact]
    public async Task A_connection_that_a_token_opened_ends_like_a_session()
    {
        await using var host = await StartAsync();
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {Token}");
        await socket.ConnectAsync(new Uri(host.Url.Replace("http", "ws", StringComparison.Ordinal) + "/_blazor"), Cancel);
        var read = socket.ReceiveAsync(new byte[1000], Cancel);
        _time.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        Assert.False(read.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => read.WaitAsync(TimeSpan.FromMinutes(1), Cancel));
    }

    [Fact]
    public async Task A_page_whose_connection_is_still_there_neither_acts_nor_looks_after_the_end()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync([.. provider.Settings, ("Dashboard:OpenIdConnect:AllowedUsers", "1234")]);
        using var browser = new PlainBrowser();
        await browser.GetAsync($"{host.Url}/login/provider?to=/elsewhere");
        await using var circuit = host.Services.CreateAsyncScope();
        var actions = Actions(host, circuit.ServiceProvider, host.Seen!);
        await actions.PauseAsync(SampleOrganization.Moving, true);
        Assert.Equal([$"pause {SampleOrganization.Moving}"], host.Store.Asked);

        _time.Advance(TimeSpan.FromHours(12));

        Assert.False(await actions.MayLookAsync());
        foreach (
            var action in new Func<Task>[]
            {
                () => actions.RunAllAsync(SampleOrganization.Moving),
                () => actions.RetryAsync(SampleOrganization.Moving, SampleOrganization.Name(17)),
                () => actions.RetryFailedAsync(SampleOrganization.Moving),
                () => actions.PauseAsync(SampleOrganization.Moving, false),
                () => actions.CancelAsync(SampleOrganization.Moving, null),
                () => actions.ForgetAsync(SampleOrganization.Moving, null),
            }
        )
            await action();
        Assert.Equal([$"pause {SampleOrganization.Moving}"], host.Store.Asked);
    }

    [Theory]
    // Taken off the list for acting, and off both.
    [InlineData("staff", true)]
    [InlineData("nothing", false)]
    public async Task A_later_login_with_other_rights_ends_pages_that_are_open(string group, bool mayLook)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        provider.Claims = new() { ["sub"] = "1234", ["groups"] = "mail-admins" };
        await using var host = await StartAsync([
            .. provider.Settings,
            ("Dashboard:OpenIdConnect:AllowedGroups", "mail-admins"),
            ("Dashboard:OpenIdConnect:ReadOnlyGroups", "staff"),
        ]);
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/login/provider?to=/jobs/{SampleOrganization.Moving}");
        await page.Locator("html[data-live]").WaitForAsync();
        await Expect(page.GetByText("Run all")).ToBeVisibleAsync();
        await page.GotoAsync($"{host.Url}/elsewhere");
        await using var circuit = host.Services.CreateAsyncScope();
        var actions = Actions(host, circuit.ServiceProvider, host.Seen!);
        await page.GoBackAsync();
        await page.Locator("html[data-live]").WaitForAsync();

        provider.Claims["groups"] = group;
        using var elsewhere = new PlainBrowser();
        var (again, _) = await elsewhere.GetAsync($"{host.Url}/login/provider?to=/jobs/{SampleOrganization.Moving}");

        Assert.Equal(mayLook ? $"/jobs/{SampleOrganization.Moving}" : "/login?why=notallowed", again.PathAndQuery);
        await actions.RunAllAsync(SampleOrganization.Moving);
        Assert.Empty(host.Store.Asked);
        await Expect(page.GetByText("Log in with 127.0.0.1")).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    [Fact]
    public async Task The_same_rights_again_end_nothing()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync([.. provider.Settings, ("Dashboard:OpenIdConnect:AllowedUsers", "1234")]);
        using var first = new PlainBrowser();
        using var second = new PlainBrowser();
        await first.GetAsync($"{host.Url}/login/provider");
        await second.GetAsync($"{host.Url}/login/provider");

        Assert.Equal("/history", (await first.GetAsync($"{host.Url}/history")).Address.AbsolutePath);
    }

    [Fact]
    public async Task A_worker_that_starts_with_other_lists_knows_no_earlier_session()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        using var browser = new PlainBrowser();
        string url;
        await using (var host = await StartAsync([.. provider.Settings, ("Dashboard:OpenIdConnect:AllowedUsers", "1234")]))
        {
            url = host.Url;
            Assert.Equal("/history", (await browser.GetAsync($"{url}/login/provider?to=/history")).Address.AbsolutePath);
        }
        var cookie = browser.SessionCookie;
        await using var next = await StartAsync([
            .. provider.Settings,
            ("Dashboard:Urls", url),
            ("Dashboard:OpenIdConnect:AllowedUsers", "someone else"),
        ]);

        Assert.Equal(HttpStatusCode.Redirect, await AskAsync(next, "/history", ("Cookie", $"migrator={cookie}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(next, "/runs/5040/report.json", ("Cookie", $"migrator={cookie}")));
    }

    /// <summary>What the buttons of a page do that this person has opened.</summary>
    private static JobActions Actions(DashboardHost host, IServiceProvider circuit, ClaimsPrincipal person)
    {
        Assert.True(person.Identity?.IsAuthenticated);
        var people = circuit.GetRequiredService<AuthenticationStateProvider>();
        ((IHostEnvironmentAuthenticationStateProvider)people).SetAuthenticationState(Task.FromResult(new AuthenticationState(person)));
        return new JobActions(
            new JobControl(host.Catalogue, host.Store, host.Store),
            host.Feed,
            people,
            new SnackbarService(new Nowhere(), TimeProvider.System),
            host.Services.GetRequiredService<Auditor>()
        );
    }

    private static async Task<HttpStatusCode> AskAsync(DashboardHost host, string path, (string Name, string Value) header)
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(host.Url),
        };
        client.DefaultRequestHeaders.Add(header.Name, header.Value);
        using var answer = await client.GetAsync(path, Cancel);
        return answer.StatusCode;
    }

    private Task<DashboardHost> StartAsync(params (string, string?)[] settings) =>
        DashboardHost.StartAsync(
            (store, catalogue) => SampleOrganization.Fill(store, catalogue, TimeProvider.System.GetUtcNow()),
            _time,
            settings.Length > 0 ? settings : [("Dashboard:Token", $"file:{_token}")]
        );

    private sealed class Nowhere : NavigationManager
    {
        public Nowhere() => Initialize("http://127.0.0.1/", "http://127.0.0.1/");
    }
}
