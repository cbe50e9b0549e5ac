using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

/// <summary>Who is let in, and what is refused at the door.</summary>
public sealed partial class DashboardLoginTests : IDisposable
{
    private const string Token = "the-acting-token-0123456789";
    private const string Looking = "the-looking-token-0123456789";
    private readonly Chromium _chromium;
    private readonly string _directory = Directory.CreateTempSubdirectory("migrator-dashboard").FullName;

    public DashboardLoginTests(Chromium chromium)
    {
        _chromium = chromium;
        // An editor ends files with a line end.
        File.WriteAllText(Path.Combine(_directory, "token"), Token + "\n");
        File.WriteAllText(Path.Combine(_directory, "looking"), Looking);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Pages =>
        [
            "/",
            $"/jobs/{SampleOrganization.Moving}",
            "/runs/5040",
            "/runs/5040/report.json",
            "/history",
            "/_blazor/negotiate?negotiateVersion=1",
            "/_blazor/initializers",
            "/not-found",
        ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Without_a_login_no_page_shows_anything(string path)
    {
        await using var host = await StartAsync();
        using var client = Client(host);
        using var request = new HttpRequestMessage(
            path.Contains("negotiate", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get,
            path
        );
        using var answer = await client.SendAsync(request, Cancel);
        Assert.True(
            answer.StatusCode is HttpStatusCode.Unauthorized
                || (
                    answer.StatusCode == HttpStatusCode.Redirect
                    && answer.Headers.Location!.PathAndQuery.StartsWith("/login?to=", StringComparison.Ordinal)
                ),
            $"{path} answered {answer.StatusCode}"
        );
        Assert.DoesNotContain(SampleOrganization.Name(3), await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_wrong_token_is_refused_and_the_right_one_leads_to_where_one_wanted_to_go()
    {
        await using var host = await StartAsync();
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await page.GetByLabel("Token").FillAsync("not it");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToHaveTextAsync("That is not the token.");
        await page.GetByLabel("Token").FillAsync(Token);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToContainTextAsync(SampleOrganization.Moving);
        await page.Locator("html[data-live]").WaitForAsync();
        await Expect(page.Locator(".who")).ToHaveTextAsync("token");
        var cookie = Assert.Single(await context.CookiesAsync(), cookie => cookie.Name == "migrator");
        Assert.True(cookie.HttpOnly);
        Assert.Equal(Microsoft.Playwright.SameSiteAttribute.Strict, cookie.SameSite);
        await page.GetByLabel("Log out").ClickAsync();
        await Expect(page.GetByText("You are logged out.")).ToBeVisibleAsync();
        await page.GotoAsync(host.Url);
        await Expect(page.GetByLabel("Token")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Whoever_logs_out_is_out_on_every_page_and_with_a_copy_of_the_cookie()
    {
        await using var host = await StartAsync();
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(host.Url);
        await page.GetByLabel("Token").FillAsync(Token);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("html[data-live]").WaitForAsync();
        var other = await context.NewPageAsync();
        await other.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await other.Locator("html[data-live]").WaitForAsync();
        var copy = Assert.Single(await context.CookiesAsync(), cookie => cookie.Name == "migrator");

        await page.GetByLabel("Log out").ClickAsync();

        await Expect(other.GetByLabel("Token")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        using var client = Client(host);
        client.DefaultRequestHeaders.Add("Cookie", $"migrator={copy.Value}");
        using var answer = await client.GetAsync("/history", Cancel);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    [Fact]
    public async Task Behind_a_proxy_the_cookie_is_never_sent_without_tls()
    {
        await using var host = await StartAsync(("Dashboard:BehindProxy", "true"), ("Dashboard:Hosts", "migrator.example.org"));
        using var client = Client(host);
        client.DefaultRequestHeaders.Host = "migrator.example.org";
        using (var plain = await client.GetAsync("/login", Cancel))
            Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        var (form, cookie) = await FormAsync(client);
        using var answer = await LogInAsync(client, Token, form, cookie);
        var set = Assert.Single(answer.Headers.GetValues("Set-Cookie"), header => header.StartsWith("migrator=", StringComparison.Ordinal));
        Assert.Contains("secure", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", set, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", set, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(Token, HttpStatusCode.OK)]
    [InlineData(Looking, HttpStatusCode.OK)]
    [InlineData("the-acting-token-0123456780", HttpStatusCode.Unauthorized)]
    [InlineData("", HttpStatusCode.Unauthorized)]
    public async Task A_program_comes_in_with_a_bearer_token(string token, HttpStatusCode expected)
    {
        await using var host = await StartAsync();
        using var client = Client(host);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var answer = await client.GetAsync("/runs/5040/report.json", Cancel);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task After_ten_wrong_tokens_even_the_right_one_has_to_wait()
    {
        await using var host = await StartAsync();
        using var client = Client(host);
        var (form, cookie) = await FormAsync(client);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            using var wrong = await LogInAsync(client, $"wrong {attempt}", form, cookie);
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }
        using var overdue = await LogInAsync(client, Token, form, cookie);
        Assert.Equal(HttpStatusCode.TooManyRequests, overdue.StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var bearer = await client.GetAsync("/runs/5040/report.json", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, bearer.StatusCode);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/logout")]
    public async Task A_form_without_its_token_against_forgery_is_refused(string path)
    {
        await using var host = await StartAsync();
        using var client = Client(host);
        using var answer = await client.PostAsync(path, new FormUrlEncodedContent([new("token", Token)]), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.False(
            answer.Headers.TryGetValues("Set-Cookie", out var cookies)
                && cookies.Any(cookie => cookie.StartsWith("migrator=", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    public async Task A_login_leads_nowhere_else(string to)
    {
        await using var host = await StartAsync();
        using var client = Client(host);
        var (form, cookie) = await FormAsync(client);
        using var answer = await LogInAsync(client, Token, form, cookie, to);
        Assert.Equal("/", answer.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("[::1]:1234", HttpStatusCode.OK)]
    [InlineData("Named.Example.org", HttpStatusCode.OK)]
    public async Task A_host_name_that_is_not_ours_is_refused(string name, HttpStatusCode expected)
    {
        await using var host = await DashboardHost.StartAsync(Fill, ("Dashboard:Hosts:0", "named.example.org"));
        using var client = Client(host);
        client.DefaultRequestHeaders.Host = name;
        using var answer = await client.GetAsync("/", Cancel);
        Assert.Equal(expected, answer.StatusCode);
        using var elsewhere = await client.GetAsync("/elsewhere", Cancel);
        Assert.Equal(HttpStatusCode.OK, elsewhere.StatusCode);
    }

    [Theory]
    [InlineData("http://evil.example", false)]
    [InlineData("null", false)]
    [InlineData(null, true)]
    public async Task The_hub_answers_to_our_own_page_alone(string? origin, bool answers)
    {
        await using var host = await DashboardHost.StartAsync(Fill);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", origin ?? host.Url);
        var open = socket.ConnectAsync(new Uri(host.Url.Replace("http", "ws", StringComparison.Ordinal) + "/_blazor"), Cancel);
        if (answers)
            await open;
        else
            await Assert.ThrowsAsync<WebSocketException>(() => open);
        using var client = Client(host);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Origin", origin ?? host.Url);
        using var negotiation = await client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null, Cancel);
        Assert.Equal(answers ? HttpStatusCode.OK : HttpStatusCode.Forbidden, negotiation.StatusCode);
    }

    [Fact]
    public async Task The_hub_asks_for_the_same_login_as_the_pages()
    {
        await using var host = await StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", host.Url);
        await Assert.ThrowsAsync<WebSocketException>(() =>
            socket.ConnectAsync(new Uri(host.Url.Replace("http", "ws", StringComparison.Ordinal) + "/_blazor"), Cancel)
        );
        using var known = new ClientWebSocket();
        known.Options.SetRequestHeader("Authorization", $"Bearer {Token}");
        await known.ConnectAsync(new Uri(host.Url.Replace("http", "ws", StringComparison.Ordinal) + "/_blazor"), Cancel);
    }

    [Fact]
    public async Task A_reader_sees_that_he_may_only_look()
    {
        await using var host = await StartAsync();
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await page.GetByLabel("Token").FillAsync(Looking);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("html[data-live]").WaitForAsync();
        await Expect(page.Locator(".mailboxes td.lead").First).ToBeVisibleAsync();
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { NameRegex = Actions() })).ToHaveCountAsync(0);
        await Expect(page.Locator(".who")).ToHaveTextAsync("tokenRead-only");
        await Expect(page.Locator(".who")).ToHaveAttributeAsync("title", "Logged in as token, who has read-only access");
    }

    [Fact]
    public async Task Every_page_tells_the_browser_what_it_will_never_do()
    {
        await using var host = await DashboardHost.StartAsync(Fill);
        using var client = Client(host);
        using var answer = await client.GetAsync("/", Cancel);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.DoesNotMatch(InlineScript(), await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task No_secret_is_on_any_page()
    {
        const string Secret = "s3cret-that-must-not-be-seen";
        Environment.SetEnvironmentVariable("OLD_MAIL_PASSWORD", Secret);
        Environment.SetEnvironmentVariable("MIGRATOR_TEST_DATABASE", $"Host=db;Password={Secret}");
        await using var host = await StartAsync(
            ("CheckpointStore", "PostgreSQL"),
            ("ConnectionStrings:Migrator", "env:MIGRATOR_TEST_DATABASE")
        );
        await using var context = await _chromium.OpenAsync();
        await context.SetExtraHTTPHeadersAsync(new Dictionary<string, string> { ["Authorization"] = $"Bearer {Token}" });
        var page = await context.NewPageAsync();
        foreach (
            var path in new[]
            {
                "/",
                $"/jobs/{SampleOrganization.Moving}",
                $"/jobs/{SampleOrganization.Nightly}?mailbox={SampleOrganization.Name(17)}",
                "/runs/5040",
                "/history",
            }
        )
        {
            await page.GotoAsync(host.Url + path);
            await page.Locator("main > *").First.WaitForAsync();
            if (path.StartsWith("/jobs", StringComparison.Ordinal))
                await Expect(page.Locator(".how")).ToContainTextAsync("password from env:OLD_MAIL_PASSWORD");
            var html = await page.ContentAsync();
            Assert.DoesNotContain(Secret, html);
            Assert.DoesNotContain(Token, html);
            Assert.DoesNotContain(Looking, html);
        }
    }

    [Fact]
    public async Task What_servers_and_job_files_say_is_text_and_nothing_else()
    {
        await using var host = await DashboardHost.StartAsync(
            (store, catalogue) =>
            {
                Fill(store, catalogue);
                store.Put(
                    SampleOrganization.Status(
                        SampleOrganization.Moving,
                        3,
                        1003,
                        41,
                        Core.JobRuns.MailboxRunState.Failed,
                        TimeProvider.System.GetUtcNow(),
                        new("authentication-failed", "<img src=x onerror=alert(1)> \u202etxt", "<script>alert(2)</script>"),
                        1
                    )
                );
            }
        );
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        var dialogs = 0;
        page.Dialog += (_, dialog) =>
        {
            dialogs++;
            _ = dialog.DismissAsync();
        };
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}?mailbox={Uri.EscapeDataString(SampleOrganization.Name(3))}");
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Dialog)).ToContainTextAsync("<img src=x onerror=alert(1)> \ufffdtxt");
        Assert.Equal(0, await page.Locator("img[src=x]").CountAsync());
        Assert.Equal(0, dialogs);
    }

    [Fact]
    public async Task A_name_does_not_turn_what_is_told_around_it()
    {
        const string Name = "move\u202Eevom";
        await using var host = await DashboardHost.StartAsync(
            (store, catalogue) =>
            {
                catalogue.Replace(
                    [
                        Core.Jobs.JobFile.Parse(
                            $$"""
                            { "name": "{{Name}}",
                              "source": { "host": "a.example", "user": "ann", "password": "env:A" },
                              "target": { "host": "b.example", "user": "ann", "password": "env:B" } }
                            """,
                            "/etc/migrator/jobs/move.json"
                        ),
                    ],
                    []
                );
                store.Put(SampleOrganization.Running(1, 1, 9, TimeProvider.System.GetUtcNow()) with { Job = Name, Mailbox = "ann" });
            }
        );
        await using var context = await _chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/jobs/{Uri.EscapeDataString(Name)}");
        await page.Locator("html[data-live]").WaitForAsync();
        await page.GetByText("Pause", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator(".mud-snackbar")).ToContainTextAsync("move\uFFFDevom is paused");
        await page.GetByText("Cancel all").ClickAsync();
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Dialog)).ToContainTextAsync("move\uFFFDevom that run or wait");
        Assert.Equal("move\uFFFDevom · Migrator", await page.TitleAsync());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Task<DashboardHost> StartAsync(params (string, string?)[] more) =>
        DashboardHost.StartAsync(
            Fill,
            [("Dashboard:Token", $"file:{_directory}/token"), ("Dashboard:ReadOnlyToken", $"file:{_directory}/looking"), .. more]
        );

    private static void Fill(MemoryJobRunStore store, Migrator.App.Jobs.JobCatalogue catalogue) =>
        SampleOrganization.Fill(store, catalogue, TimeProvider.System.GetUtcNow());

    private static HttpClient Client(DashboardHost host) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(host.Url) };

    private static async Task<(string Form, string Cookie)> FormAsync(HttpClient client)
    {
        using var page = await client.GetAsync("/login", Cancel);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var cookie = Assert.Single(
            page.Headers.GetValues("Set-Cookie"),
            header => header.StartsWith("migrator-form=", StringComparison.Ordinal)
        );
        return (FormToken().Match(await page.Content.ReadAsStringAsync(Cancel)).Groups[1].Value, cookie.Split(';')[0]);
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient client, string token, string form, string cookie, string to = "/")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Content = new FormUrlEncodedContent([new("token", token), new("to", to), new("__RequestVerificationToken", form)]),
        };
        request.Headers.Add("Cookie", cookie);
        return client.SendAsync(request, Cancel);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex("<script(?![^>]*\\bsrc=)")]
    private static partial Regex InlineScript();

    [GeneratedRegex(@"^(Retry|Run|Pause|Cancel|Resume)\b")]
    private static partial Regex Actions();
}
