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
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort) { Sees = Count, HoldUp = () => Volatile.Read(ref loggedIn) > 0 ? two.Task : Task.CompletedTask };
        var job = organisation.WriteJob(sourcePort: proxy.Port, rows: ["zoe;;zoe@new;", $"yan;yan;yan;file:{password}"]);

        var (code, output, errors) = await organisation.RunAsync("check", job, "--json");

        Assert.Equal((2, ExitCode.Connection), (most, code));
        Assert.Contains("logging in as yan", errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var events = lines.Select(line => line.GetProperty("event").GetString()).ToList();
        Assert.Equal(["badRow", .. organisation.People.Select(_ => "mailbox"), "mailbox", "mailboxes"], events.Where(name => name is "badRow" or "mailbox" or "mailboxes"));
        var failed = Assert.Single(lines, line => line.GetProperty("event").GetString() == "mailbox" && line.GetProperty("exitCode").GetInt32() != 0);
        Assert.Equal("yan", failed.GetProperty("mailbox").GetString());
        Assert.Equal(["zoe", "yan"], lines[^1].GetProperty("wrong").EnumerateArray().Select(name => name.GetString()));
        foreach (var person in organisation.People)
        {
            var at = lines.FindIndex(line => line.GetProperty("event").GetString() == "mailbox" && line.GetProperty("mailbox").GetString() == person);
            Assert.Contains(person, lines[at + 1].GetRawText());
        }

        void Count(bool fromServer, string text)
        {
            lock (turn)
            {
                if (!fromServer && (text.Contains(" AUTHENTICATE ", StringComparison.Ordinal) || text.Contains(" LOGIN ", StringComparison.Ordinal)))
                    most = Math.Max(most, ++loggedIn);
                else if (!fromServer && text.Contains(" LOGOUT", StringComparison.Ordinal))
                    loggedIn--;
                if (loggedIn >= 2)
                    two.TrySetResult();
            }
        }
    }

    [Fact]
    public async Task What_differs_in_one_mailbox_is_told_and_the_others_are_compared()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 3, 4);
        var job = organisation.WriteJob();
        Assert.Equal(ExitCode.Success, (await organisation.RunAsync("run", job)).Code);
        servers.Old.DeliverRaw(organisation.People[1], Letters.Letter(77_777), DateTimeOffset.UnixEpoch.AddDays(16_000));

        var (code, output, errors) = await organisation.RunAsync("verify", job);

        Assert.True(code == ExitCode.Incomplete, output + errors);
        var parts = Regex.Split(output, @"^(\S+) \(\d of 3\):", RegexOptions.Multiline);
        Assert.Equal(7, parts.Length);
        Assert.All(parts[1..].Chunk(2), part => Assert.Equal(part[0] != organisation.People[1], part[1].Contains("Identical", StringComparison.Ordinal)));
        Assert.Contains($"2 of 3 mailboxes are in order. Not, as said above: {organisation.People[1]}.", parts[^1]);
    }
}
