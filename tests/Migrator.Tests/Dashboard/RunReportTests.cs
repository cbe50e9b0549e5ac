using System.Net;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

/// <summary>The report of a run, on its page and as a file.</summary>
public sealed class RunReportTests(Chromium chromium)
{
    [Fact]
    public async Task The_report_of_a_run_adds_up_and_can_be_downloaded()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, "/runs/5040");
        await using var _ = context;
        await Expect(page.GetByText("20,259 found = 255 stored + 19,590 already there + 1 vanished + 411 skipped by rule + 2 failed"))
            .ToBeVisibleAsync();
        await Expect(page.GetByText("Quarterly figures <b>final</b>")).ToBeVisibleAsync();
        Assert.False(await page.GetByText("\u202e").IsVisibleAsync());
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Report as JSON").ClickAsync());
        Assert.Equal("run-5040.json", download.SuggestedFilename);
        using var json = new StreamReader(await download.CreateReadStreamAsync());
        Assert.Equal(
            await host.Store.ReportAsync(5040, TestContext.Current.CancellationToken),
            await json.ReadToEndAsync(TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task Reports_can_be_downloaded_as_pages_that_link_back()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, "/runs/5040");
        await using var _ = context;
        var one = await DownloadAsync();
        Assert.Equal("run-5040.html", one.Name);
        Assert.Contains("Quarterly figures &lt;b&gt;final&lt;/b&gt;", one.Text);
        var jobRun = (await host.Store.FindAsync(5040, TestContext.Current.CancellationToken))!.JobRun;

        await page.GotoAsync($"{host.Url}/history?jobRun={jobRun}");
        await page.Locator("html[data-live]").WaitForAsync();
        var all = await DownloadAsync();
        Assert.Equal($"job-run-{jobRun}.html", all.Name);
        Assert.Contains($"<a href=\"{host.Url}/runs/5040\">", all.Text);
        Assert.Contains("<h2>Next steps: ", all.Text);
        Assert.DoesNotContain("<script", all.Text);

        using var http = new HttpClient();
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await http.GetAsync($"{host.Url}/job-runs/999999/report.html", TestContext.Current.CancellationToken)).StatusCode
        );

        async Task<(string Name, string Text)> DownloadAsync()
        {
            var download = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Report as HTML").ClickAsync());
            using var html = new StreamReader(await download.CreateReadStreamAsync());
            return (download.SuggestedFilename, await html.ReadToEndAsync(TestContext.Current.CancellationToken));
        }
    }

    private static Task<DashboardHost> StartAsync() =>
        DashboardHost.StartAsync((store, catalogue) => SampleOrganization.Fill(store, catalogue, TimeProvider.System.GetUtcNow()));

    private async Task<(IBrowserContext Context, IPage Page)> OpenAsync(DashboardHost host, string path)
    {
        var context = await chromium.OpenAsync();
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        SetDefaultExpectTimeout(20_000);
        await page.GotoAsync(host.Url + path);
        await page.Locator("html[data-live]").WaitForAsync();
        return (context, page);
    }
}
