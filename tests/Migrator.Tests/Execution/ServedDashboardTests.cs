using System.Net;
using Microsoft.Playwright;
using Migrator.Tests.Dashboard;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Execution;

/// <summary>The dashboard of a real service, in a real browser, while real mail is moved.</summary>
public sealed class ServedDashboardTests(DovecotFixture servers, Chromium chromium)
{
    [Fact]
    public async Task A_real_JobRun_is_started_watched_retried_and_cancelled_in_the_browser()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var organisation = new Organisation(servers.Old, servers.New, 3, 120, 1000);
        var moving = organisation.People[0];
        var password = Path.Combine(organisation.State, "zoe.txt");
        await File.WriteAllTextAsync(password, "not-the-password", stop);
        var (appended, gate) = (0, new TaskCompletionSource());
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            // The first batch passes; then the new server takes its time until the browser has seen it.
            Sees = (fromServer, text) =>
                Interlocked.Add(ref appended, fromServer && text.Contains("APPENDUID", StringComparison.Ordinal) ? 1 : 0),
            HoldUp = () => Volatile.Read(ref appended) > 0 ? gate.Task : Task.CompletedTask,
        };
        organisation.WriteJob(
            targetPort: proxy.Port,
            more: "\"maxConcurrency\": 2,",
            rows: [$"zoe;{organisation.People[0]}z;{organisation.People[0]}z;file:{password}"]
        );
        await using var context = await chromium.OpenAsync();
        using var service = organisation.ServeAt(out var url);
        try
        {
            var page = await context.NewPageAsync();
            SetDefaultExpectTimeout(60_000);
            await ServeTests.UntilAsync(service, async () => await AnswersAsync(url + "/health/ready"));
            await page.GotoAsync(url + "/jobs/move");
            await page.Locator("html[data-live]").WaitForAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Run all mailboxes of move" }).ClickAsync();
            await Expect(page.GetByText("4 mailboxes queued.")).ToBeVisibleAsync();

            // Without a reload, the page follows.
            await Expect(page.Locator("tr .state.running").First).ToBeVisibleAsync();
            await Expect(page.GetByRole(AriaRole.Progressbar).First).ToBeVisibleAsync();
            gate.SetResult();
            await Expect(page.Locator("tr .state.complete")).ToHaveCountAsync(3);
            var zoe = page.Locator("tr").Filter(new() { HasText = "zoe" });
            await Expect(zoe.Locator(".state.failed")).ToBeVisibleAsync();
            await Expect(zoe).ToContainTextAsync("authentication-failed");
            Assert.DoesNotContain("not-the-password", await page.ContentAsync());
            await File.WriteAllTextAsync(password, DovecotServer.Password, stop);
            await zoe.GetByRole(AriaRole.Button, new() { Name = "Retry zoe" }).ClickAsync();
            await Expect(page.Locator("tr .state.complete")).ToHaveCountAsync(4);

            // More mail comes, and the new server hangs: a person cancels.
            servers.Old.DeliverRaw(moving, Letters.Letter(99_999), DateTimeOffset.UnixEpoch.AddDays(16_000));
            gate = new TaskCompletionSource();
            var row = page.Locator("tr").Filter(new() { HasText = moving });
            await page.GetByRole(AriaRole.Button, new() { Name = "Run all mailboxes of move" }).ClickAsync();
            await Expect(page.Locator("tr .state.running").First).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Cancel all" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Cancel them" }).ClickAsync();
            await Expect(row.Locator(".state.cancelled")).ToBeVisibleAsync();
            gate.SetResult();

            await page.GotoAsync(url + "/history");
            await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "run 1" })).ToContainTextAsync("3 of 4 complete");
        }
        finally
        {
            gate.TrySetResult();
            service.Interrupt();
        }
        var (code, output, errors) = await service.EndAsync();
        Assert.True(code == 0, $"{code}: {output}{errors}");
        Assert.DoesNotContain("not-the-password", output + errors);
        await organisation.ShouldHaveMovedAsync(organisation.People.Skip(1));
    }

    [Theory]
    [InlineData("evil.example", false, HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost", false, HttpStatusCode.OK)]
    // A monitor that follows a redirect would take the page of the login for good health.
    [InlineData("localhost", true, HttpStatusCode.Unauthorized)]
    public async Task What_names_jobs_and_mailboxes_is_not_told_to_strangers(string host, bool asksForLogin, HttpStatusCode expected)
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 0, 0)
        {
            Environment = new Dictionary<string, string> { ["MIGRATOR_TEST_TOKEN"] = "a-token-that-nobody-guesses" },
        };
        using var service = organisation.ServeAt(out var url, asksForLogin ? ["--set", "Dashboard:Token=env:MIGRATOR_TEST_TOKEN"] : []);
        await ServeTests.UntilAsync(service, async () => await AnswersAsync(url + "/health/ready"));
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Host = host;
        foreach (var path in new[] { "/metrics", "/health/jobs", "/health/jobs/move" })
        {
            using var answer = await client.GetAsync(url + path, TestContext.Current.CancellationToken);
            Assert.Equal(
                expected == HttpStatusCode.OK && path.EndsWith("move", StringComparison.Ordinal) ? HttpStatusCode.NotFound : expected,
                answer.StatusCode
            );
        }
        service.Interrupt();
        await service.EndAsync();
    }

    private static async Task<bool> AnswersAsync(string url)
    {
        using var client = new HttpClient();
        try
        {
            return (await client.GetAsync(url)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
