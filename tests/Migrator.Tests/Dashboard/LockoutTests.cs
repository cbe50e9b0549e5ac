using System.Net;
using Migrator.Service.Settings;
using Xunit;

namespace Migrator.Tests.Dashboard;

/// <summary>A guesser locks out the address that the guesses come from, and nobody else.</summary>
public sealed class LockoutTests : IDisposable
{
    private const string Token = "the-acting-token-0123456789";
    private const int Guesses = 10;
    private readonly string _token = Path.GetTempFileName();

    public LockoutTests() => File.WriteAllText(_token, Token);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What the proxy sends as X-Forwarded-For: of each guess ({0} counts), of somebody at the same address, and of somebody
    /// else.</summary>
    public static TheoryData<string, string, string> Addresses =>
        new()
        {
            { "203.0.113.9", "203.0.113.9", "203.0.113.10" },
            { "203.0.113.9", "::ffff:203.0.113.9", "203.0.113.10" },
            // Invented by the guesser, whom no setting trusts; the proxy adds the address that it sees.
            { "198.51.100.{0}, 203.0.113.9", "203.0.113.9", "198.51.100.1" },
            { "10.0.0.5, 127.0.0.1, 203.0.113.9", "203.0.113.9", "10.0.0.6" },
            { "nonsense{0}, 203.0.113.9", "203.0.113.9", "203.0.113.10" },
            // Through two proxies, both of which are trusted.
            { "203.0.113.9, 10.0.0.5", "203.0.113.9, 10.0.0.5", "203.0.113.10, 10.0.0.5" },
            { "198.51.100.{0}, 203.0.113.9, 10.0.0.5", "203.0.113.9, 10.0.0.5", "198.51.100.1, 10.0.0.5" },
            // A customer of an IPv6 provider has 2^64 addresses.
            { "[2001:db8:1:2::{0}]:4711", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1" },
            { "2001:db8:1:2:{0}::1", "2001:db8:1:2::1", "2001:db8:1:1:ffff::1" },
        };

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Tokens_guessed_behind_a_proxy_lock_out_the_address_that_trusted_proxies_tell(
        string guesser,
        string same,
        string other
    )
    {
        await using var host = await StartAsync(BehindProxy);
        for (var guess = 0; guess < Guesses; guess++)
            Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(host, $"wrong {guess}", string.Format(null, guesser, guess)));

        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(host, Token, same));
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(host, Token, other));
    }

    [Fact]
    public async Task Without_a_proxy_nobody_may_say_to_be_at_another_address()
    {
        await using var host = await StartAsync();
        for (var guess = 0; guess < Guesses; guess++)
            Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(host, $"wrong {guess}", $"198.51.100.{guess}"));

        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(host, Token, "203.0.113.9"));
    }

    [Fact]
    public async Task Logins_that_fail_at_a_provider_lock_out_their_address_for_all_ways_of_logging_in()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync([.. BehindProxy, .. provider.Settings, ("Dashboard:OpenIdConnect:AllowedUsers", "1234")]);
        for (var guess = 0; guess < Guesses; guess++)
        {
            Assert.Equal(HttpStatusCode.Redirect, await AskAsync(host, "/login/provider", null, "203.0.113.9"));
            Assert.Equal(
                HttpStatusCode.Redirect,
                await AskAsync(host, $"/login/callback?code=guess&state=guess{guess}", null, "203.0.113.9")
            );
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(host, "/login/provider", null, "203.0.113.9"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(host, "/login", null, "203.0.113.9"));
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(host, Token, "203.0.113.9"));
        Assert.Equal(HttpStatusCode.Redirect, await AskAsync(host, "/login/provider", null, "203.0.113.10"));
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(host, Token, "203.0.113.10"));
    }

    [Fact]
    public async Task Guessed_tokens_lock_out_their_address_at_the_provider_too()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var host = await StartAsync([.. BehindProxy, .. provider.Settings, ("Dashboard:OpenIdConnect:AllowedUsers", "1234")]);
        for (var guess = 0; guess < Guesses; guess++)
            await ReportAsync(host, $"wrong {guess}", "203.0.113.9");

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(host, "/login/provider", null, "203.0.113.9"));
        Assert.Equal(HttpStatusCode.Redirect, await AskAsync(host, "/login/provider", null, "203.0.113.10"));
    }

    public void Dispose() => File.Delete(_token);

    private static (string, string?)[] BehindProxy =>
        [("Dashboard:BehindProxy", "true"), ("Dashboard:Hosts", "migrator.example.org"), ("Dashboard:Proxies", "10.0.0.5")];

    private Task<DashboardHost> StartAsync(params (string, string?)[] more) =>
        DashboardHost.StartAsync(
            (store, catalogue) => SampleOrganization.Fill(store, catalogue, TimeProvider.System.GetUtcNow()),
            [("Dashboard:Token", $"file:{_token}"), .. more]
        );

    private static Task<HttpStatusCode> ReportAsync(DashboardHost host, string token, string from) =>
        AskAsync(host, "/runs/5040/report.json", token, from);

    private static async Task<HttpStatusCode> AskAsync(DashboardHost host, string path, string? token, string from)
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(host.Url),
        };
        if (host.Services.GetService(typeof(DashboardSettings)) is DashboardSettings { BehindProxy: true })
            client.DefaultRequestHeaders.Host = "migrator.example.org";
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        client.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-For", from);
        if (token is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var answer = await client.GetAsync(path, Cancel);
        return answer.StatusCode;
    }
}
