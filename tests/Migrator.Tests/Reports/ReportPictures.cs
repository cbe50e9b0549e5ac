using Microsoft.Playwright;
using Migrator.App.Reports;
using Migrator.Tests.Dashboard;
using Xunit;

namespace Migrator.Tests.Reports;

/// <summary>What the pages of reports look like, for a person to look at (artifacts/reports), and that nothing sticks out at any
/// width.</summary>
public sealed class ReportPictures(Chromium chromium)
{
    private static readonly ReportPage s_page = new(TimeZoneInfo.Utc);

    [Theory]
    [InlineData("desktop-light", 1360, ColorScheme.Light)]
    [InlineData("desktop-dark", 1360, ColorScheme.Dark)]
    [InlineData("phone-light", 360, ColorScheme.Light)]
    [InlineData("phone-dark", 360, ColorScheme.Dark)]
    public async Task No_page_scrolls_sideways(string name, int width, ColorScheme colors)
    {
        await using var context = await chromium.OpenAsync(width, 800, colors);
        var page = await context.NewPageAsync();
        var directory = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "artifacts", "reports")).FullName;
        var wide = new List<string>();
        foreach (
            var (what, html) in new[]
            {
                ("job", s_page.Of(Samples.Job())),
                ("run", s_page.Of(Samples.Run())),
                ("verify", s_page.Of(Samples.Verify(3))),
            }
        )
        {
            await page.SetContentAsync(html);
            await page.ScreenshotAsync(new() { Path = Path.Combine(directory, $"{what}-{name}.png"), FullPage = true });
            if (!await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                wide.Add(what);
        }
        Assert.Empty(wide);
    }
}
