using System.Text.Json;
using System.Text.RegularExpressions;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary><c>migrator check</c> and <c>verify</c> of a job with many mailboxes.</summary>
public sealed class EachMailboxTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mailboxes_are_looked_at_side_by_side_within_the_limits_and_what_is_said_of_one_stands_together()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 6, 3);
        organisation.WriteSettings("""{ "Worker": { "PerHost": { "localhost": 2 } } }""");
        var password = Path.Combine(organisation.State, "yan.txt");
        await File.WriteAllTextAsync(password, "not-the-password", Stop);
        var (turn, loggedIn, most, two) = (new Lock(), 0, 0, new TaskCompletionSource());
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            Sees = Count,
            HoldUp = () => Volatile.Read(ref loggedIn) > 0 ? two.Task : Task.CompletedTask,
        };
        var job = organisation.WriteJob(sourcePort: proxy.Port, rows: ["zoe;;zoe@new;", $"yan;yan;yan;file:{password}"]);

        var (code, output, errors) = await organisation.RunAsync("check", job, "--json");

        Assert.Equal((2, ExitCode.Connection), (most, code));
        Assert.Contains("logging in as yan", errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var events = lines.Select(line => line.GetProperty("event").GetString()).ToList();
        Assert.Equal(
            ["invalidMailbox", .. organisation.People.Select(_ => "mailbox"), "mailbox", "mailboxes"],
            events.Where(name => name is "invalidMailbox" or "mailbox" or "mailboxes")
        );
        var failed = Assert.Single(
            lines,
            line => line.GetProperty("event").GetString() == "mailbox" && line.GetProperty("exitCode").GetInt32() != 0
        );
        Assert.Equal("yan", failed.GetProperty("mailbox").GetString());
        Assert.Equal(["yan", "zoe"], lines[^1].GetProperty("wrong").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(ExitCode.Connection, lines[^1].GetProperty("exitCode").GetInt32());

        var shown = await organisation.RunAsync("check", job);
        Assert.Equal(ExitCode.Connection, shown.Code);
        // A line each, what failed first; then what to do, once.
        Assert.Matches(@"(?m)^Mailbox +Result +Messages +New +Why$", shown.Output);
        Assert.Matches(@"(?m)^yan +failed +authentication-failed: .*\n^zoe +failed +invalid-mailbox: .*people\.csv", shown.Output);
        Assert.Equal(organisation.People.Count, Regex.Count(shown.Output, @"(?m)^p\S+ +OK +3 +3$"));
        Assert.Contains($"{organisation.People.Count} of {organisation.People.Count + 2} mailboxes OK. 2 failed: yan, zoe.", shown.Output);
        foreach (var person in organisation.People)
        {
            var at = lines.FindIndex(line =>
                line.GetProperty("event").GetString() == "mailbox" && line.GetProperty("mailbox").GetString() == person
            );
            Assert.Contains(person, lines[at + 1].GetRawText());
        }

        void Count(bool fromServer, string text)
        {
            lock (turn)
            {
                if (
                    !fromServer
                    && (text.Contains(" AUTHENTICATE ", StringComparison.Ordinal) || text.Contains(" LOGIN ", StringComparison.Ordinal))
                )
                    most = Math.Max(most, ++loggedIn);
                else if (!fromServer && text.Contains(" LOGOUT", StringComparison.Ordinal))
                    loggedIn--;
                if (loggedIn >= 2)
                    two.TrySetResult();
            }
        }
    }

    [Fact]
    public async Task What_differs_in_one_mailbox_is_reported_and_the_others_are_compared()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 3, 4);
        var job = organisation.WriteJob();
        Assert.Equal(ExitCode.Success, (await organisation.RunAsync("run", job)).Code);
        servers.Old.DeliverRaw(organisation.People[1], Letters.Letter(77_777), DateTimeOffset.UnixEpoch.AddDays(16_000));

        var (code, output, errors) = await organisation.RunAsync("verify", job);

        Assert.True(code == ExitCode.Incomplete, output + errors);
        Assert.Matches(
            $@"(?m)^Mailbox .*\n^{organisation.People[1]} +different +4/5 +missing: 1 message is missing at the target\.$",
            output
        );
        Assert.Contains($"2 of 3 mailboxes OK. 1 different: {organisation.People[1]}.", output);
        Assert.Contains($"missing ({organisation.People[1]}): Run the job again", output);
        await Overview.ShouldBeWholeAsync(output, "verify", organisation.People, wrong: organisation.People[1]);
    }

    [Fact]
    public async Task What_was_compared_before_an_interruption_is_reported()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 3, 4);
        organisation.WriteSettings("""{ "Worker": { "MaxConcurrency": 1 } }""");
        Assert.Equal(ExitCode.Success, (await organisation.RunAsync("run", organisation.WriteJob())).Code);
        var (reached, never) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (!fromServer && Overview.LogsIn(text, organisation.People[1]))
                    reached.TrySetResult();
            },
            HoldUp = () => reached.Task.IsCompleted ? never.Task : Task.CompletedTask,
        };

        using var verify = organisation.Start("verify", organisation.WriteJob(sourcePort: proxy.Port));
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(2), Stop);
        verify.Interrupt();
        var (code, output, errors) = await verify.EndAsync();

        Assert.True(code == ExitCode.Interrupted, output + errors);
        Assert.Contains("Interrupted: 1 of 3 mailboxes OK. 2 not finished: ", output);
        Assert.Contains("Run the same command again to resume.", output);
        await Overview.ShouldBeWholeAsync(output, "verify", [organisation.People[0]], wrong: null);
        never.SetResult();
    }
}
