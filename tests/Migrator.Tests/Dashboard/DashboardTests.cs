using Microsoft.Playwright;
using Migrator.App.Jobs;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

/// <summary>What a person sees, in a real browser.</summary>
public sealed class DashboardTests(Chromium chromium)
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task The_overview_shows_every_job_with_its_state_and_what_needs_attention()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, "/");
        await using var _ = context;
        var row = page.Locator(".jobs tbody tr").Filter(new() { HasText = SampleOrganization.Nightly });
        await Expect(row.Locator(".state")).ToHaveTextAsync("Needs attention");
        await Expect(row).ToContainTextAsync("64 · 2 need attention");
        await Expect(row).ToContainTextAsync("in 7 h");
        await Expect(page.Locator(".jobs tbody tr")).ToHaveCountAsync(3);
        await Expect(page.Locator(".trouble li").Filter(new() { HasText = SampleOrganization.Name(3) }))
            .ToContainTextAsync("authentication-failed");
        await Expect(page.Locator(".plain").First).ToContainTextAsync("mail-worker-3");
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "Messages during the last hour" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Progress_moves_without_loading_the_page_anew()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, $"/jobs/{SampleOrganization.Moving}");
        await using var _ = context;
        await page.EvaluateAsync("window.sameDocument = true");
        host.Store.Put(SampleOrganization.Running(30, 100, 1_000, Now));
        var bar = page.GetByRole(AriaRole.Progressbar, new() { Name = $"Progress of {SampleOrganization.Name(30)}" });
        await Expect(bar).ToHaveAttributeAsync("aria-valuenow", "10");
        host.Store.Put(SampleOrganization.Running(30, 900, 1_000, Now));
        await Expect(bar).ToHaveAttributeAsync("aria-valuenow", "90");
        await Expect(page.Locator("tr").Filter(new() { Has = bar })).ToContainTextAsync("900 of 1,000");
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
    }

    [Fact]
    public async Task Any_of_a_thousand_mailboxes_is_found()
    {
        await using var host = await StartAsync(1_000);
        var (context, page) = await OpenAsync(host, $"/jobs/{SampleOrganization.Moving}");
        await using var _ = context;
        await Expect(page.Locator(".chip").First).ToContainTextAsync("1,000");
        var rows = page.Locator(".mailboxes tbody tr:has(td.lead)");
        await Expect(rows).ToHaveCountAsync(50);
        await page.GetByLabel("Search mailboxes").FillAsync(SampleOrganization.Name(777));
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows.First).ToContainTextAsync(SampleOrganization.Name(777));
        await page.GetByLabel("Search mailboxes").FillAsync("no such mailbox");
        await Expect(page.GetByText("No mailbox matches")).ToBeVisibleAsync();
        await page.GetByText("Show all 1,000").ClickAsync();
        await page.Locator(".chip.failed").ClickAsync();
        await Expect(rows).ToHaveCountAsync(2);
        await page.GetByText("over-quota").First.WaitForAsync();
    }

    [Fact]
    public async Task Rows_are_sorted_by_the_heading_that_is_pressed()
    {
        await using var host = await StartAsync(1_000);
        var (context, page) = await OpenAsync(host, $"/jobs/{SampleOrganization.Moving}");
        await using var _ = context;
        var first = page.Locator(".mailboxes td.lead").First;
        var heading = page.GetByRole(AriaRole.Columnheader, new() { Name = "Mailbox" });
        await heading.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(first).ToContainTextAsync("ada.adler");
        await heading.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(heading).ToHaveAttributeAsync("aria-sort", "descending");
        await Expect(first).ToContainTextAsync("zoe.zeller");
    }

    [Fact]
    public async Task The_colours_follow_the_system_until_others_are_chosen_and_are_remembered()
    {
        await using var host = await StartAsync();
        await using var context = await chromium.OpenAsync(colors: ColorScheme.Dark);
        var page = await context.NewPageAsync();
        await page.GotoAsync(host.Url);
        Assert.Equal("rgb(15, 20, 27)", await BackgroundAsync());
        await page.Locator("[data-theme-toggle]").ClickAsync();
        Assert.Equal("rgb(244, 246, 249)", await BackgroundAsync());
        await page.ReloadAsync();
        Assert.Equal("rgb(244, 246, 249)", await BackgroundAsync());

        Task<string> BackgroundAsync() => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
    }

    [Fact]
    public async Task A_mailbox_opens_by_its_address_with_reason_and_hint()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(
            host,
            $"/jobs/{SampleOrganization.Moving}?mailbox={Uri.EscapeDataString(SampleOrganization.Name(9))}"
        );
        await using var _ = context;
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("over-quota");
        await Expect(dialog).ToContainTextAsync(SampleOrganization.Full.Hint);
        await Expect(dialog.GetByRole(AriaRole.Link, new() { Name = "Run 1009" })).ToBeVisibleAsync();
        // A key goes to whatever has the focus.
        await page.Locator(":is(.mud-dialog-container, [role=dialog]):focus, :is(.mud-dialog-container, [role=dialog]) :focus")
            .First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToHaveCountAsync(0);
        await page.WaitForURLAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
    }

    [Fact]
    public async Task A_worker_that_is_away_is_said_and_one_that_is_back_is_shown()
    {
        var host = await StartAsync();
        var url = host.Url;
        var (context, page) = await OpenAsync(host, $"/jobs/{SampleOrganization.Moving}");
        await using var _ = context;
        await host.DisposeAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("The connection to the worker is lost.");
        await using var again = await DashboardHost.StartAsync(
            (store, catalogue) => SampleOrganization.Fill(store, catalogue, Now, 99),
            ("Dashboard:Urls", url)
        );
        await Expect(page.GetByText("All 99")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_page_that_gave_up_on_the_worker_waits_for_it_and_is_not_replaced_by_the_browsers_own()
    {
        var host = await StartAsync();
        var url = host.Url;
        var (context, page) = await OpenAsync(host, $"/jobs/{SampleOrganization.Moving}");
        await using var _ = context;
        await host.DisposeAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        // What comes of itself after several minutes.
        var asked = page.WaitForRequestAsync("**/favicon.svg*");
        await page.EvaluateAsync(
            "document.getElementById('components-reconnect-modal').dispatchEvent(new "
                + "CustomEvent('components-reconnect-state-changed', { detail: { state: 'failed' } }))"
        );
        await asked;
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await using var again = await DashboardHost.StartAsync(
            (store, catalogue) => SampleOrganization.Fill(store, catalogue, Now, 99),
            ("Dashboard:Urls", url)
        );
        await Expect(page.GetByText("All 99")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_way_back_closes_a_mailbox_and_does_not_open_it_again()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, "/");
        await using var _ = context;
        var dialog = page.GetByRole(AriaRole.Dialog);
        await page.Locator(".jobs .lead a").Filter(new() { HasText = SampleOrganization.Moving }).ClickAsync();
        await page.Locator(".mailboxes .lead a").First.ClickAsync();
        await Expect(dialog).ToHaveCountAsync(1);
        await page.GoBackAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        await page.GoForwardAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        await page.GoBackAsync();
        await page.GoBackAsync();
        await page.WaitForURLAsync(host.Url + "/");
        await Expect(dialog).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_mistyped_address_leads_to_a_page_that_says_so()
    {
        await using var host = await StartAsync();
        await using var context = await chromium.OpenAsync();
        var page = await context.NewPageAsync();
        var answer = await page.GotoAsync($"{host.Url}/job/{SampleOrganization.Moving}");
        Assert.Equal(404, answer!.Status);
        await Expect(page.GetByText("There is nothing here")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_phone_shows_how_long_a_mailbox_will_take()
    {
        await using var host = await StartAsync();
        await using var context = await chromium.OpenAsync(360, 740);
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await page.Locator("html[data-live]").WaitForAsync();
        await page.Locator(".chip.running").ClickAsync();
        await Expect(page.Locator(".mailboxes td[data-label='Time left']").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_history_lists_JobRuns_and_runs_of_one_job()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, "/history");
        await using var _ = context;
        await Expect(page.Locator(".job-runs td.lead")).ToHaveCountAsync(15);
        await page.GetByLabel("Job").SelectOptionAsync(SampleOrganization.Moving);
        await Expect(page.Locator(".job-runs td.lead")).ToHaveCountAsync(1);
        await page.Locator(".job-runs td.lead a").ClickAsync();
        await Expect(page.Locator(".runs td.lead").First).ToContainTextAsync(SampleOrganization.Moving);
        Assert.Equal($"{host.Url}/history?job={SampleOrganization.Moving}&jobRun=41", page.Url);
    }

    [Fact]
    public async Task Where_there_is_no_job_the_page_says_where_to_put_one()
    {
        await using var host = await DashboardHost.StartAsync(null, ("JobsDirectory", "/etc/migrator/jobs"));
        var (context, page) = await OpenAsync(host, "/");
        await using var _ = context;
        await Expect(page.GetByText("No jobs yet")).ToBeVisibleAsync();
        await Expect(page.Locator("code").First).ToHaveTextAsync("/etc/migrator/jobs");
    }

    [Fact]
    public async Task A_broken_job_file_is_named_with_its_mistakes()
    {
        await using var host = await DashboardHost.StartAsync(
            (_, catalogue) =>
                catalogue.Replace(
                    [],
                    [
                        new BrokenJob(
                            "/etc/migrator/jobs/<b>.json",
                            [new ConfigurationError("$.source.port", "must be a number.", 7)],
                            Kept: false
                        ),
                    ]
                )
        );
        var (context, page) = await OpenAsync(host, "/");
        await using var _ = context;
        await Expect(page.Locator(".note.bad")).ToContainTextAsync("/etc/migrator/jobs/<b>.json");
        await Expect(page.Locator(".note.bad")).ToContainTextAsync("line 7: $.source.port must be a number.");
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_is_said_and_what_was_there_stays()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, "/");
        await using var _ = context;
        host.Store.Broken = "The database does not answer.";
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("The database does not answer.");
        await Expect(page.Locator(".jobs tbody tr")).ToHaveCountAsync(3);
        host.Store.Broken = null;
        await Expect(page.GetByText("Not live")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Nothing_is_asked_of_other_sites_and_the_browser_finds_no_fault()
    {
        await using var host = await StartAsync();
        await using var context = await chromium.OpenAsync();
        var page = await context.NewPageAsync();
        var (foreign, faults) = (new List<string>(), new List<string>());
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(host.Url, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                foreign.Add(request.Url);
        };
        page.WebSocket += (_, socket) =>
        {
            if (new Uri(socket.Url).Authority != new Uri(host.Url).Authority)
                foreign.Add(socket.Url);
        };
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                faults.Add(message.Text);
        };
        page.PageError += (_, error) => faults.Add(error);
        foreach (
            var path in new[]
            {
                "/",
                $"/jobs/{SampleOrganization.Moving}",
                $"/jobs/{SampleOrganization.Moving}?mailbox={SampleOrganization.Name(9)}",
                "/runs/5040",
                "/history",
                "/history?runs=true",
            }
        )
        {
            await page.GotoAsync(host.Url + path);
            await page.Locator("html[data-live]").WaitForAsync();
        }
        Assert.Empty(foreign);
        Assert.Empty(faults);
    }

    private static Task<DashboardHost> StartAsync(int mailboxes = 240) =>
        DashboardHost.StartAsync((store, catalogue) => SampleOrganization.Fill(store, catalogue, Now, mailboxes));

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
