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
    [Fact]
    public async Task A_message_larger_than_the_heap_is_copied_and_verified()
    {
        const int size = 120 << 20;
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            var large = new byte[size];
            Array.Fill(large, (byte)'x');
            Encoding.ASCII.GetBytes("Subject: large\r\n\r\n").CopyTo(large, 0);
            for (var line = 1000; line + 1 < size; line += 1000)
                (large[line], large[line + 1]) = ((byte)'\r', (byte)'\n');
            await source.AppendAsync("INBOX", large);
            await FillAsync(source, "INBOX", 0, 500);
        }
        string[] copy =
        [
            "copy",
            $"imap://{harness.SourceUser}@localhost:{servers.Old.ImapPort}?tls=none",
            $"imap://{harness.TargetUser}@localhost:{servers.New.ImapPort}?tls=none",
            "--verify",
        ];

        var (code, output, errors) = await MigratorProcess.RunInAsync(size / 2, harness.State, copy);

        Assert.True(code == ExitCode.Success, output + errors);
        Assert.Contains("Identical", output);
    }
}
