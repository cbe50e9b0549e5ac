using System.Text;
using Migrator.App.Output;
using Migrator.Tests.Notifications;
using Migrator.Tests.Servers;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>A whole service whose servers repeat the secrets that they are given: what it shows, keeps and sends is searched for
/// them.</summary>
public sealed class ServedLeakTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Plain")]
    [InlineData("Json")]
    public async Task Nothing_that_a_service_shows_keeps_or_sends_holds_a_secret(string format)
    {
        var (password, webhookSecret, boss, secrets) = (
            new PlantedSecret(),
            new PlantedSecret(),
            DovecotServer.NewUser("boss"),
            Directory.CreateTempSubdirectory("secrets")
        );
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 3);
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromServer = text =>
                text.Contains(" NO ", StringComparison.Ordinal) ? text.Replace("\r\n", $" {password.AllForms()}\r\n") : text,
        };
        await using var smtp = await SmtpServer.StartAsync(servers.New);
        await using var webhook = await WebhookReceiver.StartAsync();
        string Secret(string name, string value)
        {
            File.WriteAllText(Path.Combine(secrets.FullName, name), value);
            return $"file:{Path.Combine(secrets.FullName, name)}";
        }
        organisation.WriteJob(targetPort: proxy.Port);
        var people = Path.Combine(organisation.Jobs, "people.csv");
        var (right, wrong) = (organisation.People[0], organisation.People[1]);
        File.WriteAllText(
            people,
            "name;source.user;target.user;target.password\n"
                + $"{right};{right};{right};\n"
                + $"wrong;{wrong};{wrong};{Secret("password", password.ToString())}\n"
        );
        organisation.WriteSettings(
            $$"""
            {
              "Logging": { "Format": "{{format}}", "Protocol": "{{Path.Combine(
                organisation.State,
                "protocol"
            )}}", "LogLevel": { "Default": "Trace", "Migrator": "Trace" } },
              "Notify": {
                "Mail": { "To": [ "{{SmtpInbox.AddressOf(
                boss
            )}}" ], "From": "migrator@example.org", "Host": "localhost", "Port": {{smtp.Port}}, "Tls": "starttls",
                          "Fingerprint": "{{smtp.Fingerprint}}", "User": "{{SmtpServer.User}}",
                          "Password": "{{Secret("smtp", SmtpServer.Password)}}" },
                "Webhooks": [ "{{Secret("hook", webhook.Url)}}" ],
                "WebhookSecret": "{{Secret("signing", webhookSecret.ToString())}}"
              }
            }
            """
        );
        using var service = organisation.ServeAt(out var url);
        var triggered = await organisation.RunAsync("jobs", "trigger", "move");
        Assert.True(triggered.Code == ExitCode.Success, triggered.Output + triggered.Errors);
        await ServeTests.UntilAsync(service, () => Task.FromResult(webhook.Received.Count == 1));
        await ServeTests.UntilAsync(service, async () => (await SmtpInbox.ReadAsync(servers.New, boss)).Count == 1);
        var shown = new StringBuilder();
        using (var http = new HttpClient())
        {
            foreach (var path in new[] { "", "jobs/move", "history", "runs/1", "runs/2", "metrics", "health/jobs", "runs/1/report.json" })
                shown.AppendLine(await http.GetStringAsync($"{url}/{path}", Stop));
        }
        foreach (var command in new[] { "status", "status --json", "jobs list", "jobs list --json" })
            shown.AppendLine((await organisation.RunAsync(command.Split(' '))).Output);
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();
        Assert.True(code == ExitCode.Success, output + errors);

        var letter = (await SmtpInbox.ReadAsync(servers.New, boss))[0];
        var sent = $"{Encoding.UTF8.GetString(webhook.Received[0].Body)}{letter.TextBody}{letter.HtmlBody}";
        var kept = string.Join(
            '\n',
            Directory
                .GetFiles(organisation.State, "*", SearchOption.AllDirectories)
                .Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file)))
        );
        // The refusal went everywhere, without the secret: else nothing was proved.
        Assert.All([shown.ToString(), sent, kept, output + errors], text => Assert.Contains("***", text));
        foreach (var text in new[] { shown.ToString(), sent, kept, output + errors })
        {
            password.ShouldNotBeIn(text);
            webhookSecret.ShouldNotBeIn(text);
            Assert.DoesNotContain(SmtpServer.Password, text);
            Assert.DoesNotContain(WebhookReceiver.Token, text);
        }
        if (format == "Json")
            Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("""{"time":""", line));
        secrets.Delete(recursive: true);
    }
}
