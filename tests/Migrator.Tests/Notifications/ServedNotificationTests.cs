using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Execution;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Notifications;

/// <summary>Telling as an administrator sets it up: settings, <c>migrator notify test</c>, the service.</summary>
public sealed class ServedNotificationTests(DovecotFixture servers) : IAsyncLifetime
{
    private readonly string _boss = DovecotServer.NewUser("boss");
    private SmtpServer _smtp = null!;
    private WebhookReceiver _webhook = null!;
    private Organisation _organisation = null!;

    public async ValueTask InitializeAsync()
    {
        _smtp = await SmtpServer.StartAsync(servers.New);
        _webhook = await WebhookReceiver.StartAsync();
        _organisation = new Organisation(servers.Old, servers.New, 3, 10);
        await File.WriteAllTextAsync(Path.Combine(_organisation.State, "smtp-password"), SmtpServer.Password + "\n");
        await File.WriteAllTextAsync(Path.Combine(_organisation.State, "hook"), _webhook.Url + "\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _organisation.DisposeAsync();
        await _webhook.DisposeAsync();
        await _smtp.DisposeAsync();
    }

    [Fact]
    public async Task The_service_tells_of_its_JobRuns()
    {
        WriteSettings("""["failure", "success"]""");
        _organisation.WriteJob(rows: "nobody;nobody;nobody;env:NOT_THERE");
        using var service = _organisation.Serve();
        await _organisation.RunAsync("jobs", "trigger", "move");
        await ServeTests.UntilAsync(service, () => Task.FromResult(_webhook.Received.Count == 1));
        await ServeTests.UntilAsync(service, async () => (await SmtpInbox.ReadAsync(servers.New, _boss)).Count == 1);
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();

        Assert.True(code == ExitCode.Success, output + errors);
        var mail = Assert.Single(await SmtpInbox.ReadAsync(servers.New, _boss));
        Assert.Equal("[Migrator] move: 3 of 4 mailboxes complete, 1 not", mail.Subject);
        Assert.Contains("the environment variable NOT_THERE is not set", mail.TextBody);
        var json = JsonDocument.Parse(_webhook.Received[0].Body).RootElement;
        Assert.Equal(
            (30, "nobody"),
            (
                json.GetProperty("messages").GetProperty("delivered").GetInt64(),
                json.GetProperty("notComplete")[0].GetProperty("mailbox").GetString()
            )
        );
        Assert.All(
            [SmtpServer.Password, DovecotServer.Password + "\"", WebhookReceiver.Token],
            secret => Assert.DoesNotContain(secret, output + errors + mail)
        );
    }

    [Fact]
    public async Task A_test_reaches_everybody()
    {
        WriteSettings("\"failure\"");

        var (code, output, errors) = await _organisation.RunAsync("notify", "test");

        Assert.True(code == ExitCode.Success, output + errors);
        Assert.Contains($"{SmtpInbox.AddressOf(_boss)}: accepted.", output);
        Assert.Contains("webhook at 127.0.0.1: accepted.", output);
        Assert.Equal(
            "[Migrator] sample: 1 of 2 mailboxes complete, 1 not",
            Assert.Single(await SmtpInbox.ReadAsync(servers.New, _boss)).Subject
        );
        Assert.Equal("sample", JsonDocument.Parse(Assert.Single(_webhook.Received).Body).RootElement.GetProperty("job").GetString());
    }

    [Theory]
    [InlineData("Notify:Mail:Tls=none", "the server offers no way to log in without TLS")]
    [InlineData("Notify:Mail:Tls=implicit", "the TLS handshake failed")]
    [InlineData("Notify:Mail:Fingerprint=", "certificate")]
    [InlineData("Notify:Mail:Port=1", "refused")]
    [InlineData("Notify:Mail:To=refused@example.org", "the recipient refused@example.org was refused (550")]
    [InlineData("Notify:Mail:Password=file:wrong-password", "logging in was refused")]
    [InlineData("Notify:Mail:Password=env:NOT_THERE", "the environment variable NOT_THERE is not set")]
    [InlineData("Notify:WebhookSecret=env:NOT_THERE", "the environment variable NOT_THERE is not set")]
    public async Task A_test_says_why_somebody_cannot_be_reached(string setting, string why)
    {
        WriteSettings("\"failure\"");
        await File.WriteAllTextAsync(
            Path.Combine(_organisation.State, "wrong-password"),
            "wrong-secret-7Gh2",
            TestContext.Current.CancellationToken
        );

        var (code, output, errors) = await _organisation.RunAsync("notify", "test", "--set", setting);

        Assert.True(code == ExitCode.Incomplete, $"{code}: {output}{errors}");
        Assert.Contains("NOT accepted: ", output);
        Assert.True(output.Contains(why, StringComparison.Ordinal), output);
        Assert.DoesNotContain("   at ", output + errors);
        Assert.DoesNotContain("wrong-secret-7Gh2", output + errors);
    }

    [Theory]
    [InlineData("notify", "test")]
    [InlineData("serve")]
    public async Task Settings_that_are_wrong_are_told_before_anything_begins(params string[] command)
    {
        WriteSettings("\"sometimes\"");

        var (code, output, errors) = await _organisation.RunAsync([.. command, "--set", "Notify:Mail:Port=high"]);

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("Notify:On", errors);
        Assert.Contains("Notify:Mail:Port", errors);
        Assert.DoesNotContain("   at ", output + errors);
    }

    private void WriteSettings(string on) =>
        _organisation.WriteSettings(
            $$"""
            {
              "Notify": {
                "On": {{on}},
                "Mail": { "To": [ "{{SmtpInbox.AddressOf(
                _boss
            )}}" ], "From": "migrator@example.org", "Host": "localhost", "Port": {{_smtp.Port}}, "Tls": "starttls",
                          "Fingerprint": "{{_smtp.Fingerprint}}",
                          "User": "{{SmtpServer.User}}", "Password": "file:{{Path.Combine(_organisation.State, "smtp-password")}}" },
                "Webhooks": [ "file:{{Path.Combine(_organisation.State, "hook")}}" ]
              }
            }
            """
        );
}
