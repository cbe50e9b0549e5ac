using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Service.Settings;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Dashboard;

public sealed class DashboardSettingsTests
{
    [Fact]
    public void Without_settings_only_this_machine_reaches_the_page_and_nobody_is_asked()
    {
        var settings = Read();
        Assert.Equal(["http://127.0.0.1:8080"], settings.Urls.Select(url => url.Text));
        Assert.False(settings.AsksForLogin);
        Assert.True(settings.Urls.Single().Loopback);
    }

    [Theory]
    [InlineData("http://localhost:1")]
    [InlineData("http://127.0.0.2:80")]
    [InlineData("http://[::1]:8080")]
    [InlineData("http://unix:/run/migrator/page.sock")]
    public void An_address_of_this_machine_alone_needs_no_login(string url) => Assert.False(Read(("Dashboard:Urls", url)).AsksForLogin);

    [Fact]
    public void The_lines_that_the_sample_for_containers_has_in_comments_are_enough()
    {
        var lines = Regex.Matches(
            File.ReadAllText(Docs.Path("../deploy/compose.yaml")),
            "# MIGRATOR_(Dashboard__[A-Za-z]+): \"?([^\"\n]+)"
        );

        Assert.True(Read([.. lines.Select(line => (line.Groups[1].Value.Replace("__", ":"), line.Groups[2].Value))]).AsksForLogin);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://+:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://192.0.2.7:8080")]
    [InlineData("http://migrator.example.org:8080")]
    [InlineData("http://127.0.0.1:8080;http://10.0.0.1:8080")]
    public void An_address_that_others_reach_needs_tls_and_a_login(string url)
    {
        var wrong = Wrong(("Dashboard:Urls", url));
        Assert.Contains("Dashboard:Urls", wrong);
        Assert.Contains("Dashboard:Token", wrong);
    }

    [Fact]
    public void With_tls_and_a_token_others_may_reach_it() =>
        Assert.True(
            Read(
                ("Dashboard:Urls", "https://0.0.0.0:8443"),
                ("Dashboard:Hosts:0", "migrator.example.org"),
                ("Dashboard:Token", "env:TOKEN"),
                ("Kestrel:Certificates:Default:Path", "cert.pem")
            ).OnlyTls
        );

    [Fact]
    public void A_proxy_in_front_needs_a_login_too_even_on_loopback() =>
        Assert.Equal(["Dashboard:Hosts", "Dashboard:Token"], Wrong(("Dashboard:BehindProxy", "true")).Order());

    [Fact]
    public void Https_needs_a_certificate_and_all_addresses_need_a_name() =>
        Assert.Equal(
            ["Dashboard:Hosts", "Kestrel:Certificates:Default"],
            Wrong(("Dashboard:Urls", "https://*:8443"), ("Dashboard:Token", "env:TOKEN")).Order()
        );

    [Fact]
    public void Kestrels_own_endpoints_would_go_JobRun_the_rules() =>
        Assert.Equal(["Kestrel:Endpoints"], Wrong(("Kestrel:Endpoints:Http:Url", "http://0.0.0.0:80")));

    [Fact]
    public void A_secret_in_place_of_its_reference_is_refused_and_not_repeated()
    {
        var exception = Assert.Throws<ConfigurationException>(() => Read(("Dashboard:Token", "hunter2")));
        Assert.Equal("Dashboard:Token", Assert.Single(exception.Errors).Path);
        Assert.DoesNotContain("hunter2", exception.Errors[0].Message);
    }

    [Fact]
    public void All_errors_are_reported_together() =>
        Assert.Equal(
            [
                "Dashboard:BehindProxy",
                "Dashboard:OpenIdConnect:AllowedUsers",
                "Dashboard:OpenIdConnect:Authority",
                "Dashboard:OpenIdConnect:ClientId",
                "Dashboard:OpenIdConnect:ClientSecret",
                "Dashboard:Proxies",
                "Dashboard:Urls",
            ],
            Wrong(
                    ("Dashboard:Urls", "ftp://x"),
                    ("Dashboard:BehindProxy", "perhaps"),
                    ("Dashboard:Proxies", "proxy"),
                    ("Dashboard:OpenIdConnect:Authority", "http://login.example.org")
                )
                .Order()
        );

    [Theory]
    [InlineData("AllowedUsers", "ann@example.org", null, false)]
    [InlineData("ReadOnlyUsers", "ann@example.org", null, false)]
    [InlineData("AllowedUsers", "ann@example.org", "email", true)]
    [InlineData("AllowedUsers", "ann@example.org", "sub", true)]
    [InlineData("AllowedUsers", "248289761001", null, true)]
    [InlineData("ReadOnlyGroups", "staff", null, true)]
    public void An_address_in_a_list_needs_a_claim_that_holds_addresses(string list, string entry, string? claim, bool right)
    {
        (string, string?)[] settings =
        [
            ("Dashboard:OpenIdConnect:Authority", "https://login.example.org"),
            ("Dashboard:OpenIdConnect:ClientId", "migrator"),
            ("Dashboard:OpenIdConnect:ClientSecret", "env:CLIENT"),
            ($"Dashboard:OpenIdConnect:{list}:0", entry),
            ("Dashboard:OpenIdConnect:UserClaim", claim),
        ];

        if (right)
            Assert.Equal(claim ?? "sub", Read(settings).OpenId!.UserClaim);
        else
            Assert.Equal(["Dashboard:OpenIdConnect:UserClaim"], Wrong(settings));
    }

    [Theory]
    [InlineData("0m")]
    [InlineData("30s")]
    [InlineData("8d")]
    [InlineData("for ever")]
    public void A_session_has_an_end(string length) =>
        Assert.Equal(["Dashboard:SessionLength"], Wrong(("Dashboard:SessionLength", length)));

    [Fact]
    public void A_session_lasts_half_a_day_unless_the_settings_say_otherwise()
    {
        Assert.Equal(TimeSpan.FromHours(12), Read().SessionLength);
        Assert.Equal(TimeSpan.FromMinutes(30), Read(("Dashboard:SessionLength", "30m")).SessionLength);
    }

    [Fact]
    public void A_token_for_reading_alone_is_no_login() =>
        Assert.Equal(["Dashboard:ReadOnlyToken"], Wrong(("Dashboard:ReadOnlyToken", "env:TOKEN")));

    private static DashboardSettings Read(params (string Key, string? Value)[] settings) =>
        DashboardSettings.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
                .Build()
        );

    private static IEnumerable<string> Wrong(params (string Key, string? Value)[] settings) =>
        Assert.Throws<ConfigurationException>(() => Read(settings)).Errors.Select(error => error.Path).Distinct();
}
