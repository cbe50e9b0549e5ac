using Microsoft.Playwright;
using Migrator.Core.JobRuns;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

/// <summary>What a person does, with the mouse and with the keyboard, and that it reaches the store.</summary>
public sealed class DashboardActionTests(Chromium chromium)
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_failed_mailbox_is_retried_by_its_button_and_it_alone()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, $"/jobs/{SampleOrganization.Moving}");
        await using var _ = context;
        await page.GetByRole(AriaRole.Button, new() { Name = $"Retry {SampleOrganization.Name(3)}" }).ClickAsync();
        await Expect(page.GetByText("1 mailbox queued.")).ToBeVisibleAsync();
        Assert.Equal([$"start {SampleOrganization.Moving} {SampleOrganization.Name(3)}"], host.Store.Asked);
    }

    [Fact]
    public async Task A_button_takes_no_press_before_the_page_is_connected()
    {
        await using var host = await StartAsync();
        var (context, page) = await NewPageAsync();
        await using var _ = context;
        var connect = new TaskCompletionSource();
        await page.RouteAsync(
            "**/blazor.web*.js",
            async route =>
            {
                await connect.Task;
                await route.ContinueAsync();
            }
        );
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}", new() { WaitUntil = WaitUntilState.Commit });
        var button = page.GetByRole(AriaRole.Button, new() { Name = "Retry not complete (4)" });
        await Expect(button).ToHaveCSSAsync("pointer-events", "none");
        connect.SetResult();
        await button.ClickAsync();
        await Expect(page.GetByText("4 mailboxes queued.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task All_that_failed_is_retried_at_once()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, $"/jobs/{SampleOrganization.Moving}");
        await using var _ = context;
        await page.GetByRole(AriaRole.Button, new() { Name = "Retry not complete (4)" }).ClickAsync();
        await Expect(page.GetByText("4 mailboxes queued.")).ToBeVisibleAsync();
        Assert.Equal(
            [$"start {SampleOrganization.Moving} {string.Join(',', new[] { 3, 9, 14, 21 }.Select(SampleOrganization.Name))}"],
            host.Store.Asked
        );
    }

    [Fact]
    public async Task Cancelling_asks_first()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, $"/jobs/{SampleOrganization.Moving}");
        await using var _ = context;
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel all" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep going" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        Assert.Empty(host.Store.Asked);
        host.Store.Put(SampleOrganization.Running(130, 1, 9, Now));
        await page.GetByRole(AriaRole.Button, new() { Name = $"Cancel {SampleOrganization.Name(130)}" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel it" }).ClickAsync();
        await Expect(page.GetByText("1 run cancelled")).ToBeVisibleAsync();
        Assert.Equal([$"cancel {SampleOrganization.Moving} {SampleOrganization.Name(130)}"], host.Store.Asked);
    }

    [Fact]
    public async Task What_no_job_file_names_any_more_is_forgotten_and_what_one_names_is_not()
    {
        await using var host = await StartAsync();
        var gone = SampleOrganization.Status(
            SampleOrganization.Moving,
            900,
            7000,
            41,
            MailboxRunState.Failed,
            Now,
            SampleOrganization.Refused,
            0
        );
        host.Store.Put(gone);
        host.Store.Put(SampleOrganization.Status(SampleOrganization.Moving, 901, 7001, 41, MailboxRunState.Complete, Now, null, 3));
        var (context, page) = await OpenAsync(host, "/");
        await using var _ = context;
        await page.GetByRole(AriaRole.Button, new() { Name = $"Forget {gone.Mailbox} of {SampleOrganization.Moving}" }).ClickAsync();
        await Expect(page.GetByText("1 mailbox forgotten")).ToBeVisibleAsync();
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await page.Locator("html[data-live]").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Forget what is gone (1)" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Forget them" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Forget what is gone" })).ToHaveCountAsync(0);
        Assert.Equal(
            [$"forget {SampleOrganization.Moving} {gone.Mailbox}", $"forget {SampleOrganization.Moving} {SampleOrganization.Name(901)}"],
            host.Store.Asked
        );
        await Expect(page.GetByText("All 240")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_job_is_paused_and_resumed()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, "/");
        await using var _ = context;
        var state = page.Locator(".jobs tbody tr").Filter(new() { HasText = SampleOrganization.Nightly }).Locator(".state");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Pause {SampleOrganization.Nightly}" }).ClickAsync();
        await Expect(state).ToHaveTextAsync("Paused");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Resume {SampleOrganization.Nightly}" }).ClickAsync();
        await Expect(state).ToHaveTextAsync("Needs attention");
        Assert.Equal([$"pause {SampleOrganization.Nightly}", $"resume {SampleOrganization.Nightly}"], host.Store.Asked);
    }

    [Fact]
    public async Task Everything_can_be_done_by_keyboard()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, $"/jobs/{SampleOrganization.Moving}");
        await using var _ = context;
        await page.Keyboard.PressAsync("Tab");
        var wanted = $"Retry {SampleOrganization.Name(3)}";
        for (var presses = 0; await FocusedAsync() != wanted; presses++)
        {
            Assert.True(presses < 60, $"60 presses of Tab did not lead to \"{wanted}\"");
            await page.Keyboard.PressAsync("Tab");
            Assert.True(
                await page.EvaluateAsync<bool>(
                    "document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== "
                        + "'none' || document.activeElement.matches('input')"
                ),
                "the focus cannot be seen"
            );
        }
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("1 mailbox queued.")).ToBeVisibleAsync();
        Assert.Equal([$"start {SampleOrganization.Moving} {SampleOrganization.Name(3)}"], host.Store.Asked);

        async Task<string?> FocusedAsync() => await page.EvaluateAsync<string?>("document.activeElement?.getAttribute('aria-label')");
    }

    [Fact]
    public async Task The_link_to_the_content_comes_first()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, "/");
        await using var _ = context;
        await page.Locator("a.skip").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("main", await page.EvaluateAsync<string>("document.activeElement.id"));
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('a[href], button') === document.querySelector('a.skip')"));
    }

    [Fact]
    public async Task What_needs_attention_is_retried_from_the_overview()
    {
        await using var host = await StartAsync();
        var (context, page) = await OpenAsync(host, "/");
        await using var _ = context;
        await page.GetByRole(AriaRole.Button, new() { Name = $"Retry {SampleOrganization.Name(17)} of {SampleOrganization.Nightly}" })
            .ClickAsync();
        await Expect(page.GetByText("1 mailbox queued.")).ToBeVisibleAsync();
        Assert.Equal([$"start {SampleOrganization.Nightly} {SampleOrganization.Name(17)}"], host.Store.Asked);
    }

    private static Task<DashboardHost> StartAsync(int mailboxes = 240) =>
        DashboardHost.StartAsync((store, catalogue) => SampleOrganization.Fill(store, catalogue, Now, mailboxes));

    private async Task<(IBrowserContext Context, IPage Page)> NewPageAsync()
    {
        var context = await chromium.OpenAsync();
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        SetDefaultExpectTimeout(20_000);
        return (context, page);
    }

    private async Task<(IBrowserContext Context, IPage Page)> OpenAsync(DashboardHost host, string path)
    {
        var (context, page) = await NewPageAsync();
        await page.GotoAsync(host.Url + path);
        await page.Locator("html[data-live]").WaitForAsync();
        return (context, page);
    }
}
