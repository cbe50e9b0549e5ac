using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

public sealed class OpenIdLoginTests(Chromium chromium)
{
    [Theory]
    [InlineData("Ann@example.org", true)]
    [InlineData("mallory@example.org", false)]
    public async Task Only_those_whom_the_settings_name_come_in(string email, bool comesIn)
    {
        Environment.SetEnvironmentVariable("MIGRATOR_TEST_CLIENT", OpenIdProvider.ClientSecret);
        await using var provider = await OpenIdProvider.StartAsync(email);
        await using var host = await DashboardHost.StartAsync((store, catalogue) => Company.Fill(store, catalogue, TimeProvider.System.GetUtcNow()),
            ("Dashboard:OpenIdConnect:Authority", provider.Url), ("Dashboard:OpenIdConnect:ClientId", "migrator"), ("Dashboard:OpenIdConnect:ClientSecret", "env:MIGRATOR_TEST_CLIENT"), ("Dashboard:OpenIdConnect:AllowedUsers", "ann@example.org"));
        await using var context = await chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/jobs/{Company.Moving}");
        await page.GetByText("Log in with 127.0.0.1").ClickAsync();
        if (comesIn)
        {
            await Expect(page.Locator("h1")).ToContainTextAsync(Company.Moving);
            await page.Locator("html[data-live]").WaitForAsync();
            await Expect(page.GetByText("Run all")).ToBeVisibleAsync();
        }
        else
        {
            await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("not among those who may see this page");
            await page.GotoAsync($"{host.Url}/jobs/{Company.Moving}");
            await Expect(page.GetByText("Log in with 127.0.0.1")).ToBeVisibleAsync();
        }
    }
}
