using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Migrator.Core.Migrations;
using Migrator.Tests.Auditing;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

/// <summary>What the page puts into the audit trail: logins, and acts with the person and the address.</summary>
public sealed partial class AuditedPageTests : IDisposable
{
    private const string Token = "the-acting-token-0123456789";
    private readonly Chromium _chromium;
    private readonly string _directory = Directory.CreateTempSubdirectory("audited-page").FullName;

    public AuditedPageTests(Chromium chromium)
    {
        _chromium = chromium;
        File.WriteAllText(Path.Combine(_directory, "token"), Token);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Logins_refusals_a_lock_out_and_the_end_are_on_record_with_the_address()
    {
        await using var host = await StartAsync(("Dashboard:BehindProxy", "true"), ("Dashboard:Hosts", "migrator.example.org"));
        using var client = Client(host, "203.0.113.9");
        client.DefaultRequestHeaders.Host = "migrator.example.org";
        var (form, cookie) = await FormAsync(client);
        for (var attempt = 0; attempt < 10; attempt++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await LogInAsync(client, $"wrong {attempt}", form, cookie)).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await LogInAsync(client, Token, form, cookie)).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await LogInAsync(client, "wrong again", form, cookie)).StatusCode);

        using var other = Client(host, "198.51.100.4");
        other.DefaultRequestHeaders.Host = "migrator.example.org";
        var entered = await LogInAsync(other, Token, form, cookie);
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);

        Assert.Equal([.. Enumerable.Repeat("LoginRefused refused", 10), "LockedOut refused", "LoggedIn done"], Trail.Told(host.State));
        var lines = Trail.Lines(host.State);
        Assert.All(
            lines.Take(11),
            line => Assert.Equal(("203.0.113.9", "unknown"), (Trail.Text(line, "who", "address"), Trail.Text(line, "who", "name")))
        );
        Assert.Equal(
            ("198.51.100.4", "token", "operator"),
            (Trail.Text(lines[11], "who", "address"), Trail.Text(lines[11], "who", "name"), Trail.Text(lines[11], "who", "role"))
        );
        // Those that came while the address was locked out have no line each, and are not lost.
        Assert.Contains("2 refused logins that have no separate entry", Trail.Text(lines[11], "detail"));
        Assert.DoesNotContain("wrong 0", await File.ReadAllTextAsync(Trail.Files(host.State)[0], Cancel));
        Assert.Equal(0, Trail.Verify(host.State).FaultCount);
    }

    [Fact]
    public async Task Whoever_guesses_from_many_addresses_does_not_fill_the_disk()
    {
        await using var host = await StartAsync(("Dashboard:BehindProxy", "true"), ("Dashboard:Hosts", "migrator.example.org"));
        for (var address = 0; address < 200; address++)
        {
            using var client = Client(host, $"203.0.113.{address}");
            client.DefaultRequestHeaders.Host = "migrator.example.org";
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer guess-{address}");
            using var answer = await client.GetAsync("/runs/5040/report.json", Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        // At most sixty a minute, however many minutes this takes; and every guess is counted or has a line.
        Assert.InRange(Trail.Lines(host.State).Count, 1, 200);
        using var known = Client(host, "198.51.100.4");
        known.DefaultRequestHeaders.Host = "migrator.example.org";
        known.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {Token}");
        for (var request = 0; request < 3; request++)
            Assert.Equal(HttpStatusCode.OK, (await known.GetAsync("/runs/5040/report.json", Cancel)).StatusCode);
        var lines = Trail.Lines(host.State);
        // A program that asks every few seconds has one line.
        Assert.Equal("bearer", Trail.Text(Assert.Single(lines, line => Trail.Text(line, "event") == "LoggedIn"), "what", "way"));
        var counted = lines.Sum(line =>
            Trail.Text(line, "detail") is { } detail && Count().Match(detail) is { Success: true } match
                ? int.Parse(match.Groups[1].Value)
                : 0
        );
        Assert.Equal(200, counted + lines.Count(line => Trail.Text(line, "event") == "LoginRefused"));
        Assert.True(counted > 0 || lines.Count > 60);
    }

    [Fact]
    public async Task A_button_is_on_record_with_the_person_and_the_address_and_so_is_the_logout()
    {
        await using var host = await StartAsync();
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await page.GetByLabel("Token").FillAsync(Token);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("html[data-live]").WaitForAsync();
        await page.GetByText("Pause", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator(".mud-snackbar")).ToContainTextAsync("is paused");
        await page.GetByLabel("Log out").ClickAsync();
        await Expect(page.GetByText("You are logged out.")).ToBeVisibleAsync();

        Assert.Equal(["LoggedIn done", "JobPaused begun", "JobPaused done", "LoggedOut done"], Trail.Told(host.State));
        Assert.All(
            Trail.Lines(host.State),
            line =>
                Assert.Equal(
                    ("page", "token", "operator", "127.0.0.1"),
                    (
                        Trail.Text(line, "who", "kind"),
                        Trail.Text(line, "who", "name"),
                        Trail.Text(line, "who", "role"),
                        Trail.Text(line, "who", "address")
                    )
                )
        );
        Assert.Equal(SampleOrganization.Moving, Trail.Text(Trail.Lines(host.State)[1], "what", "job"));
    }

    /// <summary>Looking goes on; what would leave no trace is not done.</summary>
    [Fact]
    public async Task Where_the_trail_cannot_be_written_a_person_comes_in_and_changes_nothing()
    {
        await using var host = await StartAsync();
        await File.WriteAllTextAsync(Path.Combine(host.State, "audit"), "", Cancel);
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await page.GetByLabel("Token").FillAsync(Token);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("html[data-live]").WaitForAsync();
        await page.GetByText("Pause", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator(".mud-snackbar")).ToContainTextAsync("Nothing was done, because it cannot be recorded.");

        Assert.Empty(host.Store.Asked);
    }

    [Theory]
    [InlineData("1234", "LoggedIn done")]
    [InlineData("5678", "LoginRefused refused")]
    public async Task A_provider_s_person_is_named(string allowed, string expected)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await DashboardHost.StartAsync(
            Fill,
            [.. provider.Settings, ("Dashboard:OpenIdConnect:AllowedUsers", allowed)]
        );
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(host.Url);
        await page.GetByText("Log in with 127.0.0.1").ClickAsync();
        await Expect(page.Locator("h1")).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(AtHome());

        Assert.Equal([expected], Trail.Told(host.State));
        var line = Assert.Single(Trail.Lines(host.State));
        Assert.Equal(
            ("1234", "127.0.0.1", "provider"),
            (Trail.Text(line, "who", "name"), Trail.Text(line, "who", "address"), Trail.Text(line, "what", "way"))
        );
    }

    private Task<DashboardHost> StartAsync(params (string, string?)[] more) =>
        DashboardHost.StartAsync(Fill, [("Dashboard:Token", $"file:{_directory}/token"), .. more]);

    private static void Fill(MemoryJobRunStore store, Migrator.App.Jobs.JobCatalogue catalogue) =>
        SampleOrganization.Fill(store, catalogue, TimeProvider.System.GetUtcNow());

    /// <param name="from">As a proxy on this machine says it.</param>
    private static HttpClient Client(DashboardHost host, string from)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(host.Url),
        };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", from);
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        return client;
    }

    private static async Task<(string Form, string Cookie)> FormAsync(HttpClient client)
    {
        using var page = await client.GetAsync("/login", Cancel);
        var cookie = Assert.Single(
            page.Headers.GetValues("Set-Cookie"),
            header => header.StartsWith("migrator-form=", StringComparison.Ordinal)
        );
        return (FormToken().Match(await page.Content.ReadAsStringAsync(Cancel)).Groups[1].Value, cookie.Split(';')[0]);
    }

    private static async Task<HttpResponseMessage> LogInAsync(HttpClient client, string token, string form, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Content = new FormUrlEncodedContent([new("token", token), new("__RequestVerificationToken", form)]),
        };
        request.Headers.Add("Cookie", cookie);
        return await client.SendAsync(request, Cancel);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex("before it, ([0-9]+) refused logins")]
    private static partial Regex Count();

    [GeneratedRegex(@"^http://127\.0\.0\.1:\d+/(login\?why=notallowed)?$")]
    private static partial Regex AtHome();
}
