using System.Text;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Worker;

/// <summary>Memory that does not grow with messages: the process is given less than one of them has.</summary>
public sealed class MemoryTests(DovecotFixture servers)
{
    private const int Size = 120 << 20;
    private const int Heap = Size / 2;

    [Fact]
    public async Task A_message_larger_than_the_heap_is_copied_and_verified()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await AppendAsync(harness, others: 500);
        string[] copy =
        [
            "copy",
            $"imap://{harness.SourceUser}@localhost:{servers.Old.ImapPort}?tls=none",
            $"imap://{harness.TargetUser}@localhost:{servers.New.ImapPort}?tls=none",
            "--verify",
        ];

        var (code, output, errors) = await MigratorProcess.RunInAsync(Heap, harness.State, copy);

        Assert.True(code == ExitCode.Success, output + errors);
        Assert.Contains("Identical", output);
    }

    [Theory]
    [InlineData("imap")]
    [InlineData("pop3")]
    public async Task A_message_larger_than_the_heap_is_in_an_archive_and_comes_back(string protocol)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await AppendAsync(harness, others: 1);
        var (job, archive) = (Path.Combine(harness.State, "job.json"), Path.Combine(harness.State, "archive"));
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "kind": "backup",
              "source": { "protocol": "{{protocol}}", "host": "localhost",
                  "port": {{(protocol == "imap" ? servers.Old.ImapsPort : servers.Old.Pop3sPort)}},
                  "user": "{{harness.SourceUser}}", "password": "env:MIGRATOR_SOURCE_PASSWORD",
                  "certificate": { "fingerprint": "{{servers.Old.Fingerprint}}" } },
              "archive": { "location": "archive" }
            }
            """,
            TestContext.Current.CancellationToken
        );
        var (mbox, maildir) = (Path.Combine(harness.State, "mbox"), Path.Combine(harness.State, "maildir"));
        var account = $"imap://{harness.TargetUser}@localhost:{servers.New.ImapPort}?tls=none";
        string[][] commands =
        [
            ["archive", "init", job],
            ["run", job],
            ["verify", job],
            ["archive", "check", archive, "--read-data"],
            ["export", archive, "--format", "mbox", "--to", mbox],
            ["export", archive, "--format", "maildir", "--to", maildir],
            ["restore", archive, "--to", account],
            // There already, as it was.
            ["import", mbox, "--format", "mbox", "--to", account],
            ["import", maildir, "--format", "maildir", "--to", account],
        ];

        foreach (var command in commands)
        {
            var (code, output, errors) = await MigratorProcess.RunInAsync(Heap, harness.State, command);
            Assert.True(code == ExitCode.Success, string.Join(' ', command) + output + errors);
        }

        await using var target = await harness.TargetAsync();
        Assert.Contains("MESSAGES 2)", await target.SaidAsync("STATUS INBOX (MESSAGES)"));
    }

    private static async Task AppendAsync(Harness harness, int others)
    {
        await using var source = await harness.SourceAsync();
        var large = new byte[Size];
        Array.Fill(large, (byte)'x');
        Encoding.ASCII.GetBytes("Subject: large\r\n\r\n").CopyTo(large, 0);
        for (var line = 1000; line + 1 < Size; line += 1000)
            (large[line], large[line + 1]) = ((byte)'\r', (byte)'\n');
        await source.AppendAsync("INBOX", large);
        await FillAsync(source, "INBOX", 0, others);
    }
}
