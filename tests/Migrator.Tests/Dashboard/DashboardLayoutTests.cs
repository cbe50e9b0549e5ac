using System.Text.Json;
using Microsoft.Playwright;
using Migrator.App.Formatting;
using Migrator.App.Jobs;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

/// <summary>That tables can be read at each width: pages of rows, whole words, and room for what happened.</summary>
public sealed class DashboardLayoutTests(Chromium chromium)
{
    private const long LongRun = 6001;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData(1360)]
    [InlineData(360)]
    public async Task A_thousand_mailboxes_are_shown_in_pages(int width)
    {
        await using var host = await DashboardHost.StartAsync((store, catalogue) => SampleOrganization.Fill(store, catalogue, Now, 1000));
        var page = await ShowAsync(host, $"/jobs/{SampleOrganization.Moving}", width);
        await using var _ = page.Context;
        var rows = page.Locator(".mailboxes td.lead");
        await Expect(page.Locator(".range")).ToHaveTextAsync("1–50 of 1,000");
        await Expect(rows).ToHaveCountAsync(50);
        var seen = new HashSet<string>();
        var next = page.GetByRole(AriaRole.Button, new() { Name = "Next" });
        for (var shown = 1; ; shown++)
        {
            await Expect(page.GetByText($"Page {shown} of 20")).ToBeVisibleAsync();
            seen.UnionWith(await rows.Locator("a").AllInnerTextsAsync());
            if (shown == 20)
                break;
            await next.ClickAsync();
            // The first of the new rows is in view.
            await Expect(page.Locator(".range")).ToBeFocusedAsync();
            await Expect(rows.First).ToBeInViewportAsync();
        }
        Assert.Equal(1000, seen.Count);
        await Expect(next).ToBeDisabledAsync();
        // Another choice begins with its first page.
        await page.Locator(".chip.complete").ClickAsync();
        await Expect(page.Locator(".range")).ToContainTextAsync("1–50 of ");
    }

    [Theory]
    [InlineData("/history?runs=true", ".runs td.lead", 1000)]
    [InlineData("/history", ".job-runs td.lead", 1000)]
    [InlineData("/runs/6001", ".messages:has(.full) td.lead", 1200)]
    [InlineData("/runs/6001", ".folders tbody td.lead", 300)]
    public async Task Other_long_tables_are_shown_in_pages_on_a_phone(string path, string rows, int all)
    {
        await using var host = await DashboardHost.StartAsync((store, catalogue) => FillLong(store, catalogue, 1200));
        var page = await ShowAsync(host, path, 360);
        await using var _ = page.Context;
        await Expect(page.Locator(rows)).ToHaveCountAsync(50);
        await Expect(page.Locator(".range", new() { HasText = $"1–50 of {all:N0}" })).ToHaveCountAsync(1);
    }

    [Theory]
    [InlineData(1360)]
    [InlineData(1000)]
    [InlineData(840)]
    public async Task Folders_of_messages_that_failed_are_not_broken_within_a_word(int width)
    {
        await using var host = await DashboardHost.StartAsync((store, catalogue) => FillLong(store, catalogue, 20));
        var page = await ShowAsync(host, $"/runs/{LongRun}", width);
        await using var _ = page.Context;
        var folder = page.Locator(".messages td.lead bdi").First;
        await Expect(folder).ToHaveTextAsync("INBOX/Lieferantenrechnungen");
        var lines = await folder.EvaluateAsync<int[]>(
            """
            cell => [...cell.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => {
                const range = document.createRange();
                range.selectNode(node);
                return [...range.getClientRects()].filter(line => line.width > 0).length;
            })
            """
        );
        Assert.Equal([1, 1], lines);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"));
    }

    [Theory]
    [InlineData(1480)]
    [InlineData(1360)]
    [InlineData(1000)]
    [InlineData(840)]
    public async Task What_happened_can_be_read_in_its_row(int width)
    {
        await using var host = await DashboardHost.StartAsync((store, catalogue) => SampleOrganization.Fill(store, catalogue, Now));
        foreach (
            var (job, mailbox) in new[]
            {
                (SampleOrganization.Moving, SampleOrganization.Name(3)),
                (SampleOrganization.Nightly, SampleOrganization.Name(17)),
            }
        )
        {
            var page = await ShowAsync(host, $"/jobs/{job}", width);
            await using var _ = page.Context;
            var reason = page.Locator(".mailboxes tr").Filter(new() { HasText = mailbox }).Locator(".why > bdi");
            await Expect(reason).ToHaveTextAsync(SampleOrganization.Refused.Detail);
            Assert.True(
                await reason.EvaluateAsync<bool>(
                    "text => text.getBoundingClientRect().bottom <= text.parentElement.getBoundingClientRect().bottom + 1"
                ),
                $"What happened is cut at {width} px."
            );
        }
    }

    [Fact]
    public async Task On_a_phone_the_header_is_one_line_with_who_is_logged_in_below_it()
    {
        Environment.SetEnvironmentVariable("MIGRATOR_TEST_TOKEN", "a-token-that-nobody-guesses");
        await using var host = await DashboardHost.StartAsync(
            (store, catalogue) => SampleOrganization.Fill(store, catalogue, Now),
            ("Dashboard:Token", "env:MIGRATOR_TEST_TOKEN")
        );
        await using var context = await chromium.OpenAsync(360);
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/history");
        await page.GetByLabel("Token").FillAsync("a-token-that-nobody-guesses");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("html[data-live]").WaitForAsync();
        await Expect(page.Locator(".who")).ToBeVisibleAsync();
        var below = await page.EvaluateAsync<string[]>(
            """
            [...document.querySelectorAll('.bar > :not(.who, .skip)')]
                .filter(part => part.getBoundingClientRect().top >= 48)
                .map(part => part.className)
            """
        );
        Assert.Empty(below);
        Assert.True(await page.Locator(".who").EvaluateAsync<bool>("who => who.getBoundingClientRect().top >= 36"));
    }

    [Fact]
    public async Task Columns_without_anything_to_say_are_left_out()
    {
        await using var host = await DashboardHost.StartAsync((store, catalogue) => SampleOrganization.Fill(store, catalogue, Now));
        var page = await ShowAsync(host, $"/jobs/{SampleOrganization.Nightly}");
        await using var _ = page.Context;
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Last complete" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Time left" })).ToHaveCountAsync(0);
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Time left" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_row_with_an_error_is_counted_apart_and_offers_no_retry()
    {
        await using var host = await DashboardHost.StartAsync(
            (store, catalogue) =>
            {
                SampleOrganization.Fill(store, catalogue, Now);
                var wrong = new InvalidMailbox(
                    "nobody@example.org",
                    "people.csv line 7",
                    [new ConfigurationError("source.user", "is missing.")]
                );
                catalogue.Replace(
                    [
                        .. catalogue.Jobs.Select(job =>
                            job.Name == SampleOrganization.Nightly ? job with { InvalidMailboxes = [wrong] } : job
                        ),
                    ],
                    []
                );
                // The last job run recorded it as failed.
                store.Put(
                    SampleOrganization.Status(
                        SampleOrganization.Nightly,
                        99,
                        5999,
                        40,
                        MailboxRunState.Failed,
                        Now,
                        new Failure("invalid-mailbox", "people.csv line 7: source.user: is missing.", "Correct the row."),
                        1
                    ) with
                    {
                        Mailbox = wrong.Name,
                    }
                );
            }
        );
        var page = await ShowAsync(host, "/");
        await using var _ = page.Context;
        await Expect(page.Locator(".jobs tbody tr").Filter(new() { HasText = SampleOrganization.Nightly }))
            .ToContainTextAsync("65 · 2 need attention · 1 row with errors");
        await Expect(page.Locator(".tile").Filter(new() { HasText = "Rows with errors" })).ToContainTextAsync("1");
        await Expect(page.Locator("#attention")).ToContainTextAsync("and 1 row with errors");
        var listed = page.Locator(".trouble li").Filter(new() { HasText = "nobody@example.org" });
        await Expect(listed).ToContainTextAsync("source.user: is missing.");
        await Expect(listed.GetByRole(AriaRole.Button)).ToHaveCountAsync(0);

        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Nightly}");
        await page.Locator("html[data-live]").WaitForAsync();
        await Expect(page.Locator(".chip.attention b")).ToHaveTextAsync("2");
        await Expect(page.Locator(".chip.invalid b")).ToHaveTextAsync("1");
        var row = page.Locator(".mailboxes tr").Filter(new() { HasText = "nobody@example.org" });
        await Expect(row).ToContainTextAsync("Error in its row");
        await Expect(row.GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        // Nor is it run with the others: it could only fail again.
        await page.GetByRole(AriaRole.Button, new() { Name = "Retry not complete (2)" }).ClickAsync();
        await Expect(page.GetByText("2 mailboxes queued.")).ToBeVisibleAsync();
        Assert.Equal([$"start {SampleOrganization.Nightly} {SampleOrganization.Name(17)},{SampleOrganization.Name(40)}"], host.Store.Asked);
    }

    [Fact]
    public async Task Next_steps_are_said_once()
    {
        await using var host = await DashboardHost.StartAsync((store, catalogue) => FillLong(store, catalogue, 20));
        var page = await ShowAsync(host, $"/runs/{LongRun}");
        await using var _ = page.Context;
        await Expect(page.GetByText("Next steps")).ToHaveCountAsync(1);
        await Expect(page.GetByText(SampleOrganization.Full.Hint)).ToHaveCountAsync(1);
        await Expect(page.GetByText("The source cannot read this message; ask its administrator.")).ToHaveCountAsync(1);
    }

    /// <summary>A run with long reasons, of which one is that of the whole run, too; a history of 1,200 runs and job runs.</summary>
    private static void FillLong(MemoryJobRunStore store, JobCatalogue catalogue, int count)
    {
        SampleOrganization.Fill(store, catalogue, Now, count);
        var (inbox, projects) = (new FolderPath(["INBOX", "Lieferantenrechnungen"]), new FolderPath(["Projects"]));
        const string answer = "NO [SERVERBUG] Internal error occurred, refer to the server log for more information; ";
        var unreadable = new Failure(
            "source-unreadable",
            $"The server answered {string.Concat(Enumerable.Repeat(answer, 3))}",
            "The source cannot read this message; ask its administrator."
        );
        var report = SampleOrganization.Report() with
        {
            Failures =
            [
                .. Enumerable
                    .Range(1, count)
                    .Select(uid => new MessageFailure(
                        uid % 2 == 1 ? inbox : projects,
                        (uint)uid,
                        "Invoice of a supplier whose name is long, for the quarter that is over",
                        2_400_000,
                        uid == 1 ? SampleOrganization.Full : unreadable
                    )),
            ],
            Folders =
            [
                .. Enumerable
                    .Range(1, 300)
                    .Select(i => new FolderReport(
                        new FolderPath([$"Folder {i}"]),
                        new FolderPath([$"Folder {i}"]),
                        new(1, 0, 1, 0, 0, 0, 0, 0),
                        null
                    )),
            ],
        };
        store.PutReport(LongRun, JsonSerializer.Serialize(report, ReportJson.Indented));
        store.Put(
            SampleOrganization.Status(
                SampleOrganization.Sales,
                1,
                LongRun,
                41,
                MailboxRunState.Partial,
                Now,
                SampleOrganization.Full,
                1
            ) with
            {
                HasReport = true,
            }
        );
        for (var i = 0; i < count; i++)
            store.Past.Add(
                SampleOrganization.Status(SampleOrganization.Nightly, i, 7000 + i, 40, MailboxRunState.Complete, Now.AddDays(-i), null, 1)
            );
        for (var i = 0; i < count; i++)
            store.JobRuns.Add(
                new(
                    1000 + i,
                    SampleOrganization.Nightly,
                    JobRunTrigger.Schedule,
                    Now.AddDays(-i),
                    Now.AddDays(-i),
                    Now.AddDays(-i).AddHours(1),
                    true,
                    new(0, 0, 64, 0, 0, 0),
                    new(64, 0, 64, 0, 0, 0, 0, 0)
                )
            );
    }

    private async Task<IPage> ShowAsync(DashboardHost host, string path, int width = 1360)
    {
        var context = await chromium.OpenAsync(width);
        var page = await context.NewPageAsync();
        SetDefaultExpectTimeout(20_000);
        await page.GotoAsync(host.Url + path);
        await page.Locator("html[data-live]").WaitForAsync();
        return page;
    }
}
