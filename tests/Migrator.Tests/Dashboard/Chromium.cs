using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Migrator.Tests.Dashboard.Chromium))]

namespace Migrator.Tests.Dashboard;

/// <summary>One headless Chromium for all tests, each with a profile of its own; started by the first that wants it.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] s_places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private readonly Lazy<Task<(IPlaywright Driver, IBrowser Browser)>> _started = new(StartAsync);

    /// <summary>Null where none is installed.</summary>
    public static string? Program { get; } = s_places.FirstOrDefault(File.Exists);

    public async Task<IBrowserContext> OpenAsync(int width = 1360, int height = 860, ColorScheme colors = ColorScheme.Light)
    {
        Assert.SkipUnless(Program is not null, "Chromium is not installed (eng/install-test-servers.sh).");
        var (_, browser) = await _started.Value;
        var context = await browser.NewContextAsync(
            new()
            {
                ViewportSize = new() { Width = width, Height = height },
                ColorScheme = colors,
                Locale = "en-GB",
                AcceptDownloads = true,
            }
        );
        context.SetDefaultTimeout(30_000);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_started.IsValueCreated || !_started.Value.IsCompletedSuccessfully)
            return;
        var (driver, browser) = await _started.Value;
        await browser.CloseAsync();
        driver.Dispose();
    }

    private static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        var driver = await Playwright.CreateAsync();
        return (
            driver,
            await driver.Chromium.LaunchAsync(
                new()
                {
                    ExecutablePath = Program,
                    Headless = true,
                    Args =
                    [
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                    ],
                }
            )
        );
    }
}
