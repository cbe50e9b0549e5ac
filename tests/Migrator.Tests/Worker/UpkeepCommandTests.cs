using System.Text.Json;
using Migrator.App.Output;
using Migrator.Tests.Execution;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>Upkeep as an administrator meets it: mailboxes on a real server, an archive in a directory, commands and the service.</summary>
public sealed class UpkeepCommandTests(DovecotFixture servers)
{
    private const string Upkeep = """
        "restoreTest": { "mailboxes": 5, "messages": 50 }, "check": { "allWithin": "2d" }, "prune": { "keepLast": 1, "grace": "0s" }
        """;

    [Fact]
    public async Task A_mailbox_that_loses_most_of_its_mail_is_alarmed_and_kept_whole_until_that_is_accepted()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 150);
        var job = WriteJob(organisation, Upkeep);
        await RunAsync(organisation, ExitCode.Success, "archive", "init", job);
        await RunAsync(organisation, ExitCode.Success, "run", job);
        var person = organisation.People[0];
        await using (var imap = await servers.Old.LogInAsync(person))
            await imap.DeleteAsync("INBOX", "1:120");

        var night = await RunAsync(organisation, ExitCode.Incomplete, "run", job);
        Assert.Contains("mailbox-shrunk", night);
        Assert.Contains("has lost 120 of 150 messages", night);
        var upkeep = await RunAsync(organisation, ExitCode.Incomplete, "archive", "upkeep", job);
        Assert.Contains("Restore test: 2 of 2 mailboxes proved restorable, 80 messages read and compared.", upkeep);
        Assert.Contains("mailbox-shrunk", upkeep);
        var pruned = await RunAsync(organisation, ExitCode.Incomplete, "archive", "prune", job, "--keep-last", "1");
        Assert.Contains("3 snapshots kept, 0 removed", pruned);
        var status = await RunAsync(organisation, ExitCode.Incomplete, "status", "--json");
        var proofs = Lines(status).Single(line => line.GetProperty("event").GetString() == "proofs");
        Assert.Equal(
            ("nightly", 2, 0),
            (proofs.GetProperty("job").GetString(), proofs.GetProperty("mailboxes").GetInt32(), proofs.GetProperty("never").GetInt32())
        );
        Assert.True(
            Assert
                .Single(proofs.GetProperty("proofs").EnumerateArray(), proof => proof.GetProperty("frozen").GetBoolean())
                .GetProperty("mailbox")
                .GetString()!
                .Contains(person, StringComparison.Ordinal)
        );

        Assert.Contains(
            "the loss of 120 messages",
            await RunAsync(organisation, ExitCode.Success, "archive", "accept-shrunk", job, "--mailbox", person)
        );
        Assert.Contains(
            "there is nothing to accept",
            await RunAsync(organisation, ExitCode.Success, "archive", "accept-shrunk", job, "--mailbox", person)
        );
        var healed = await RunAsync(organisation, ExitCode.Success, "archive", "upkeep", job, "--json");
        var report = Lines(healed).Single(line => line.GetProperty("event").GetString() == "upkeep").GetProperty("report");
        Assert.Equal(
            ("complete", 1),
            (report.GetProperty("outcome").GetString(), report.GetProperty("upkeep").GetProperty("snapshotsRemoved").GetInt32())
        );
        await RunAsync(organisation, ExitCode.Success, "run", job);
        var shown = await RunAsync(organisation, ExitCode.Success, "status");
        Assert.Contains("Proved restorable: 2 of 2 mailboxes", shown);
        Assert.Contains("nightly.upkeep: 1 complete", shown);
    }

    [Fact]
    public async Task The_service_finds_a_damaged_archive_and_says_so()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 30, 2000);
        var job = WriteJob(organisation, Upkeep);
        await RunAsync(organisation, ExitCode.Success, "archive", "init", job);
        await RunAsync(organisation, ExitCode.Success, "run", job);
        foreach (var pack in Directory.GetFiles(Path.Combine(organisation.State, "archive", "packs"), "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var bytes = await File.ReadAllBytesAsync(pack, TestContext.Current.CancellationToken);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(pack, bytes, TestContext.Current.CancellationToken);
        }
        using var service = organisation.Serve();
        try
        {
            await RunAsync(organisation, ExitCode.Success, "jobs", "trigger", "nightly.upkeep");
            await ServeTests.UntilAsync(
                service,
                async () =>
                    Lines((await organisation.RunAsync("status", "nightly.upkeep", "--json")).Output)
                        .Any(line =>
                            line.GetProperty("event").GetString() == "mailbox"
                            && line.GetProperty("status").GetProperty("state").GetString() == "partial"
                        )
            );
        }
        finally
        {
            service.Interrupt();
        }
        await service.EndAsync();
        var shown = await RunAsync(organisation, ExitCode.Incomplete, "status");
        Assert.Contains("not-restorable", shown);
        Assert.Contains("nightly.upkeep", await RunAsync(organisation, ExitCode.Success, "jobs", "list"));
    }

    [Fact]
    public async Task What_has_nothing_to_look_after_says_what_is_missing()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1);
        var (code, output, errors) = await organisation.RunAsync(
            "archive",
            "upkeep",
            WriteJob(organisation, """ "shrunk": { "percent": 10 } """)
        );

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("give restoreTest, check or prune", errors);
        Assert.DoesNotContain("   at ", output + errors);
    }

    private string WriteJob(Organisation organisation, string upkeep)
    {
        File.WriteAllText(
            organisation.List,
            string.Join('\n', ["name;source.user", .. organisation.People.Select(person => $"{person};{person}")]) + "\n"
        );
        var path = Path.Combine(organisation.Jobs, "nightly.json");
        File.WriteAllText(
            path,
            $$"""
            {
              "kind": "backup",
              "mailboxes": "people.csv",
              "source": { "host": "localhost", "port": {{servers.Old.ImapPort}}, "tls": "none",
                  "password": "env:MIGRATOR_SOURCE_PASSWORD" },
              "archive": { "location": "../archive" },
              "upkeep": { {{upkeep}} }
            }
            """
        );
        return path;
    }

    private static IEnumerable<JsonElement> Lines(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);

    private static async Task<string> RunAsync(Organisation organisation, int expected, params string[] arguments)
    {
        var (code, output, errors) = await organisation.RunAsync(arguments);
        Assert.True(code == expected, $"{string.Join(' ', arguments)}: {code}: {output}{errors}");
        return output;
    }
}
