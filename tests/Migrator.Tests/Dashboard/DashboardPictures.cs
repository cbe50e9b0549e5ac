using Microsoft.Playwright;
using Xunit;

namespace Migrator.Tests.Dashboard;

/// <summary>What the pages look like, for a person to look at (artifacts/dashboard), and that nothing sticks out at any width.</summary>
public sealed class DashboardPictures(Chromium chromium)
{
    [Theory]
    [InlineData("desktop-light", 1360, 860, ColorScheme.Light)]
    [InlineData("desktop-dark", 1360, 860, ColorScheme.Dark)]
    [InlineData("phone-light", 360, 740, ColorScheme.Light)]
    [InlineData("phone-dark", 360, 740, ColorScheme.Dark)]
    [InlineData("tablet-light", 900, 1000, ColorScheme.Light)]
    public async Task No_page_scrolls_sideways(string name, int width, int height, ColorScheme colors)
    {
        await using var host = await DashboardHost.StartAsync((store, catalogue) => Company.Fill(store, catalogue, TimeProvider.System.GetUtcNow(), 1000));
        await using var context = await chromium.OpenAsync(width, height, colors);
        var page = await context.NewPageAsync();
        var wide = new List<string>();
        foreach (var (what, path, sign) in new[]
        {
            ("overview", "/", ".jobs .state"), ("job", $"/jobs/{Company.Moving}", ".mailboxes .act button"), ("mailbox", $"/jobs/{Company.Moving}?mailbox={Company.Name(9)}", ".mud-dialog .facts"),
            ("run", "/runs/5040", ".folders"), ("history", "/history", ".rounds .lead"), ("runs", "/history?runs=true", ".runs .lead"), ("nothing", "/jobs/none", ".empty"),
        })
        {
            await page.GotoAsync(host.Url + path);
            await page.Locator(sign).First.WaitForAsync();
            await page.Locator("html[data-live]").WaitForAsync();
            await page.ScreenshotAsync(new() { Path = Path.Combine(Directory(), $"{what}-{name}.png"), FullPage = what is "overview" or "run" });
            if (!await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                wide.Add(what);
        }
        Assert.Empty(wide);
    }

    private static string Directory()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Migrator.sln")))
            root = Path.GetDirectoryName(root)!;
        return System.IO.Directory.CreateDirectory(Path.Combine(root, "artifacts", "dashboard")).FullName;
    }
}
