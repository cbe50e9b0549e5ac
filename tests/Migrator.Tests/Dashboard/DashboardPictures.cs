using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Xunit;

namespace Migrator.Tests.Dashboard;

/// <summary>What the pages look like, for a person to look at (artifacts/dashboard), and that nothing sticks out at any width.</summary>
public sealed class DashboardPictures(Chromium chromium)
{
    public static TheoryData<string, int, int, ColorScheme> Screens
    {
        get
        {
            var screens = new TheoryData<string, int, int, ColorScheme>
            {
                { "desktop-light", 1360, 860, ColorScheme.Light },
                { "phone-dark", 360, 740, ColorScheme.Dark },
            };
            if (Proof.IsLong)
            {
                screens.Add("desktop-dark", 1360, 860, ColorScheme.Dark);
                screens.Add("phone-light", 360, 740, ColorScheme.Light);
                screens.Add("tablet-light", 900, 1000, ColorScheme.Light);
            }
            return screens;
        }
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task No_page_scrolls_sideways(string name, int width, int height, ColorScheme colors)
    {
        await using var host = await DashboardHost.StartAsync(
            (store, catalogue) => SampleOrganization.Fill(store, catalogue, TimeProvider.System.GetUtcNow(), 1000)
        );
        await using var context = await chromium.OpenAsync(width, height, colors);
        var page = await context.NewPageAsync();
        var wide = new List<string>();
        foreach (
            var (what, path, sign) in new[]
            {
                ("overview", "/", ".jobs .state"),
                ("job", $"/jobs/{SampleOrganization.Moving}", ".mailboxes .act button"),
                ("mailbox", $"/jobs/{SampleOrganization.Moving}?mailbox={SampleOrganization.Name(9)}", ".mud-dialog .facts"),
                ("run", "/runs/5040", ".folders"),
                ("history", "/history", ".job-runs .lead"),
                ("runs", "/history?runs=true", ".runs .lead"),
                ("nothing", "/jobs/none", ".empty"),
            }
        )
        {
            await page.GotoAsync(host.Url + path);
            await page.Locator(sign).First.WaitForAsync();
            await page.Locator("html[data-live]").WaitForAsync();
            await page.ScreenshotAsync(
                new()
                {
                    Path = Path.Combine(Directory(), $"{what}-{name}.png"),
                    FullPage = what is "run" || (what == "overview" && width < 1000),
                }
            );
            if (!await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                wide.Add(what);
        }
        Environment.SetEnvironmentVariable("MIGRATOR_TEST_TOKEN", "a-token-that-nobody-guesses");
        await using var locked = await DashboardHost.StartAsync(null, ("Dashboard:Token", "env:MIGRATOR_TEST_TOKEN"));
        await page.GotoAsync(locked.Url);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Directory(), $"login-{name}.png") });
        if (!await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
            wide.Add("login");
        Assert.Empty(wide);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/history")]
    [InlineData("/history?runs=true")]
    [InlineData("/jobs/LONG?mailbox=LONG")]
    public async Task Nor_does_one_with_long_names(string path)
    {
        var name = new string('L', 200);
        await using var host = await DashboardHost.StartAsync(
            (store, catalogue) =>
            {
                catalogue.Replace(
                    [
                        JobFile.Parse(
                            $$"""
                            { "name": "{{name}}",
                              "source": { "host": "old.example.org", "user": "{{name}}", "password": "env:A" },
                              "target": { "host": "new.example.org", "user": "{{name}}", "password": "env:B" } }
                            """,
                            "/etc/migrator/jobs/long.json"
                        ),
                    ],
                    []
                );
                store.Put(
                    SampleOrganization.Status(
                        name,
                        1,
                        1,
                        1,
                        Core.JobRuns.MailboxRunState.Failed,
                        TimeProvider.System.GetUtcNow(),
                        SampleOrganization.Refused,
                        1
                    ) with
                    {
                        Mailbox = name,
                    }
                );
            }
        );
        await using var context = await chromium.OpenAsync(360, 740);
        var page = await context.NewPageAsync();
        await page.GotoAsync(host.Url + path.Replace("LONG", name, StringComparison.Ordinal));
        await page.Locator("html[data-live]").WaitForAsync();
        await page.GetByText(name).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"));
    }

    public static TheoryData<int, ColorScheme> Lights =>
        Proof.IsLong
            ? new()
            {
                { 1360, ColorScheme.Light },
                { 1360, ColorScheme.Dark },
                { 360, ColorScheme.Light },
                { 360, ColorScheme.Dark },
            }
            : new() { { 1360, ColorScheme.Dark }, { 360, ColorScheme.Light } };

    [Theory]
    [MemberData(nameof(Lights))]
    public async Task Axe_finds_nothing(int width, ColorScheme colors)
    {
        await using var host = await DashboardHost.StartAsync(
            (store, catalogue) => SampleOrganization.Fill(store, catalogue, TimeProvider.System.GetUtcNow())
        );
        await using var context = await chromium.OpenAsync(width, colors: colors);
        var page = await context.NewPageAsync();
        var found = new List<string>();
        foreach (
            var (path, sign) in new[]
            {
                ("/", ".jobs .state"),
                ($"/jobs/{SampleOrganization.Moving}", ".mailboxes .act button"),
                ($"/jobs/{SampleOrganization.Moving}?mailbox={SampleOrganization.Name(9)}", ".mud-dialog .facts"),
                ("/runs/5040", ".folders"),
                ("/history", ".job-runs .lead"),
                ("/history?runs=true", ".runs .lead"),
                ("/jobs/none", ".empty"),
                ("/nowhere", ".empty"),
            }
        )
        {
            await page.GotoAsync(host.Url + path);
            await page.Locator("html[data-live]").WaitForAsync();
            await page.Locator(sign).First.WaitForAsync();
            await ScanAsync();
        }
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await page.Locator("html[data-live]").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel all" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await ScanAsync();
        Environment.SetEnvironmentVariable("MIGRATOR_TEST_TOKEN", "a-token-that-nobody-guesses");
        await using var locked = await DashboardHost.StartAsync(null, ("Dashboard:Token", "env:MIGRATOR_TEST_TOKEN"));
        await page.GotoAsync(locked.Url);
        await ScanAsync();
        Assert.True(found.Count == 0, string.Join('\n', found));

        async Task ScanAsync()
        {
            await page.EvaluateAsync("Promise.all(document.getAnimations().map(animation => animation.finished.catch(() => { })))");
            var result = await page.RunAxe();
            Assert.NotEmpty(result.Passes);
            found.AddRange(
                result.Violations.SelectMany(rule =>
                    rule.Nodes.Take(4).Select(node => $"{new Uri(page.Url).PathAndQuery}: {rule.Impact} {rule.Id}: {node.Html}")
                )
            );
        }
    }

    private static string Directory()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Migrator.sln")))
            root = Path.GetDirectoryName(root)!;
        return System.IO.Directory.CreateDirectory(Path.Combine(root, "artifacts", "dashboard")).FullName;
    }
}
