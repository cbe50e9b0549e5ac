using Migrator.App.Output;
using Migrator.Tests.Execution;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>Commands about an archive that name the job file of many mailboxes.</summary>
public sealed class SharedArchiveTests(DovecotFixture servers)
{
    [Fact]
    public async Task Lost_messages_are_fetched_again_from_every_mailbox_that_can_be_read()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 3, 10, 3000);
        var job = WriteJob(organisation, "archive");
        await RunAsync(organisation, "archive", "init", job);
        await RunAsync(organisation, "run", job);
        await RunAsync(organisation, "archive", "check", job, "--read-data");
        foreach (var pack in Directory.GetFiles(Path.Combine(organisation.State, "archive", "packs"), "*", SearchOption.AllDirectories))
            File.Delete(pack);
        // One of them cannot be read now.
        await File.WriteAllTextAsync(
            organisation.List,
            (await File.ReadAllTextAsync(organisation.List, TestContext.Current.CancellationToken)).Replace(
                $"{organisation.People[1]};env:MIGRATOR_SOURCE_PASSWORD",
                $"{organisation.People[1]};env:PATH"
            ),
            TestContext.Current.CancellationToken
        );

        var (code, output, errors) = await organisation.RunAsync("archive", "repair", job);

        Assert.True(code == ExitCode.Incomplete, output + errors);
        Assert.Contains($"10 lost messages were fetched again from imap://{organisation.People[0]}@", output);
        Assert.Contains($"10 lost messages were fetched again from imap://{organisation.People[2]}@", output);
        Assert.Contains("Lost messages could not be fetched again.", output);
        Assert.Contains("[authentication-failed]", output);
        Assert.Contains("10 messages cannot be restored.", output);

        WriteJob(organisation, "archive");
        Assert.Contains("Every message that a snapshot names can be restored.", await RunAsync(organisation, "archive", "repair", job));
        await RunAsync(organisation, "archive", "check", job, "--read-data");
    }

    [Fact]
    public async Task An_archive_for_each_mailbox_is_named_separately()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 1);
        var job = WriteJob(organisation, "{name}");

        var (code, output, errors) = await organisation.RunAsync("archive", "init", job);

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("name the archive itself instead of the job", errors);
        Assert.DoesNotContain("   at ", output + errors);
    }

    [Fact]
    public async Task A_list_without_a_sound_row_is_reported()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1);
        var job = WriteJob(organisation, "archive");
        await File.WriteAllTextAsync(
            organisation.List,
            "name;source.user;source.port\nann;ann;0\nbob;bob;993;much\n",
            TestContext.Current.CancellationToken
        );

        var (code, output, errors) = await organisation.RunAsync("archive", "check", job);

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains("people.csv line 2", errors);
        Assert.Contains("people.csv line 3", errors);
        Assert.DoesNotContain("   at ", output + errors);
    }

    private string WriteJob(Organisation organisation, string archive)
    {
        File.WriteAllText(
            organisation.List,
            string.Join(
                '\n',
                [
                    "name;source.user;source.password",
                    .. organisation.People.Select(person => $"{person};{person};env:MIGRATOR_SOURCE_PASSWORD"),
                ]
            ) + "\n"
        );
        var path = Path.Combine(organisation.Jobs, "nightly.json");
        File.WriteAllText(
            path,
            $$"""
            {
              "kind": "backup",
              "mailboxes": "people.csv",
              "source": { "host": "localhost", "port": {{servers.Old.ImapPort}}, "tls": "none" },
              "archive": { "location": "../{{archive}}" }
            }
            """
        );
        return path;
    }

    private static async Task<string> RunAsync(Organisation organisation, params string[] arguments)
    {
        var (code, output, errors) = await organisation.RunAsync(arguments);
        Assert.True(code == ExitCode.Success, $"{string.Join(' ', arguments)}: {code}: {output}{errors}");
        return output;
    }
}
