using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Migrator.Tests.Dashboard;

/// <summary>Who is let in by what a provider says, and as what. The provider lies as a hostile person's would.</summary>
public sealed class OpenIdLoginTests(Chromium chromium)
{
    private const string Acts = "acts";
    private const string Looks = "looks";
    private const string Out = "out";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Ann@example.org", true)]
    [InlineData("mallory@example.org", false)]
    public async Task Only_those_whom_the_settings_name_come_in(string email, bool comesIn)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        provider.Claims = new()
        {
            ["sub"] = "1234",
            ["email"] = email,
            ["email_verified"] = true,
        };
        await using var host = await StartAsync(provider, ("UserClaim", "email"), ("AllowedUsers", "ann@example.org"));
        await using var context = await chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
        await page.GetByText("Log in with 127.0.0.1").ClickAsync();
        if (comesIn)
        {
            await Expect(page.Locator("h1")).ToContainTextAsync(SampleOrganization.Moving);
            await page.Locator("html[data-live]").WaitForAsync();
            await Expect(page.GetByText("Run all")).ToBeVisibleAsync();
        }
        else
        {
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("have no access to this page");
            await page.GotoAsync($"{host.Url}/jobs/{SampleOrganization.Moving}");
            await Expect(page.GetByText("Log in with 127.0.0.1")).ToBeVisibleAsync();
        }
    }

    [Theory]
    // Providers send the boolean; some the text.
    [InlineData("""{ "email": "ann@example.org", "email_verified": true }""", Acts)]
    [InlineData("""{ "email": "ANN@example.org", "email_verified": "true" }""", Acts)]
    [InlineData("""{ "email": "ann@example.org" }""", Out)]
    [InlineData("""{ "email": "ann@example.org", "email_verified": false }""", Out)]
    [InlineData("""{ "email": "ann@example.org", "email_verified": "false" }""", Out)]
    [InlineData("""{ "email": "ann@example.org", "email_verified": "True" }""", Out)]
    [InlineData("""{ "email": "ann@example.org", "email_verified": 1 }""", Out)]
    [InlineData("""{ "email": "ann@example.org", "email_verified": "" }""", Out)]
    [InlineData("""{ "email": "ann@example.org", "email_verified": null }""", Out)]
    [InlineData("""{ "email": "ann@example.org", "email_verified": [ true, false ] }""", Out)]
    [InlineData("""{ "email": [ "mallory@example.org", "ann@example.org" ], "email_verified": true }""", Out)]
    [InlineData("""{ "email": "an\u017f@example.org", "email_verified": true }""", Out)]
    [InlineData("""{ "sub": "ann@example.org", "email": "mallory@example.org", "email_verified": true }""", Out)]
    [InlineData("""{ "preferred_username": "ann@example.org", "name": "ann@example.org", "upn": "ann@example.org" }""", Out)]
    [InlineData("""{ "email": "bob@example.org", "email_verified": true }""", Looks)]
    [InlineData("""{ "email": "bob@example.org" }""", Out)]
    public async Task An_address_counts_once_the_provider_has_verified_it(string claims, string result) =>
        await ShouldBeAsync(
            result,
            claims,
            ("UserClaim", "email"),
            ("AllowedUsers", "ann@example.org;ans@example.org"),
            ("ReadOnlyUsers", "bob@example.org")
        );

    [Theory]
    [InlineData("""{ "email": "ann@example.org" }""", Acts)]
    [InlineData("""{ "email": "ann@example.org", "email_verified": false }""", Acts)]
    [InlineData("""{ "email": "mallory@example.org" }""", Out)]
    public async Task Addresses_that_are_not_verified_count_where_the_settings_say_so(string claims, string result) =>
        await ShouldBeAsync(result, claims, ("UserClaim", "email"), ("TrustUnverifiedEmail", "true"), ("AllowedUsers", "ann@example.org"));

    [Theory]
    [InlineData("""{ "sub": "A1" }""", Acts)]
    [InlineData("""{ "sub": "B2" }""", Looks)]
    // In both lists: the one for acting counts.
    [InlineData("""{ "sub": "C3" }""", Acts)]
    [InlineData("""{ "sub": "a1" }""", Out)]
    [InlineData("""{ "sub": "D4", "email": "A1", "email_verified": true, "preferred_username": "A1", "oid": "A1" }""", Out)]
    [InlineData("""{ "sub": "D4", "groups": [ "users", "mail-admins" ] }""", Acts)]
    [InlineData("""{ "sub": "D4", "groups": "staff" }""", Looks)]
    [InlineData("""{ "sub": "D4", "groups": [ "staff", "mail-admins" ] }""", Acts)]
    [InlineData("""{ "sub": "D4", "groups": "Mail-Admins" }""", Out)]
    [InlineData("""{ "sub": "D4", "roles": [ "mail-admins" ] }""", Out)]
    [InlineData("""{ "sub": "D4", "groups": "A1" }""", Out)]
    public async Task The_subject_and_groups_decide_who_acts_and_who_looks(string claims, string result) =>
        await ShouldBeAsync(
            result,
            claims,
            ("AllowedUsers", "A1;C3"),
            ("ReadOnlyUsers", "B2;C3"),
            ("AllowedGroups", "mail-admins"),
            ("ReadOnlyGroups", "staff")
        );

    [Theory]
    [InlineData("""{ "oid": "0001" }""", Acts)]
    [InlineData("""{ "sub": "0001" }""", Out)]
    // A member of the group whom the named claim does not identify.
    [InlineData("""{ "groups": [ "mail-admins" ] }""", Out)]
    [InlineData("""{ "oid": "", "groups": [ "mail-admins" ] }""", Out)]
    public async Task Another_claim_identifies_people_where_the_settings_name_it(string claims, string result) =>
        await ShouldBeAsync(result, claims, ("UserClaim", "oid"), ("AllowedUsers", "0001"), ("AllowedGroups", "mail-admins"));

    [Fact]
    public async Task A_provider_that_is_away_is_told_and_is_no_fault()
    {
        var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync(provider, ("AllowedUsers", "A1"));
        await provider.DisposeAsync();
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(host.Url) };
        using var answer = await client.GetAsync("/login/provider", Cancel);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/login?why=provider", answer.Headers.Location!.OriginalString);
    }

    private static async Task ShouldBeAsync(string result, string claims, params (string, string)[] settings)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        provider.Claims = new() { ["sub"] = "1234" };
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, object>>(claims)!)
            provider.Claims[name] = value;
        await using var host = await StartAsync(provider, settings);
        using var browser = new PlainBrowser();

        var (address, page) = await browser.GetAsync($"{host.Url}/login/provider?to=/jobs/{SampleOrganization.Moving}");

        Assert.Equal(result == Out ? "/login?why=notallowed" : $"/jobs/{SampleOrganization.Moving}", address.PathAndQuery);
        Assert.Equal(result == Acts, page.Contains("Run all", StringComparison.Ordinal));
    }

    private static Task<DashboardHost> StartAsync(OpenIdProvider provider, params (string Key, string Value)[] settings) =>
        DashboardHost.StartAsync(
            (store, catalogue) => SampleOrganization.Fill(store, catalogue, TimeProvider.System.GetUtcNow()),
            [.. provider.Settings, .. settings.Select(setting => ($"Dashboard:OpenIdConnect:{setting.Key}", (string?)setting.Value))]
        );
}
