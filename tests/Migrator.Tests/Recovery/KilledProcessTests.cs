using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Recovery;

/// <summary>The process killed outright, again and again at other moments; the last run ends what is left.</summary>
public sealed class KilledProcessTests(DovecotFixture servers)
{
    [Fact]
    public async Task Killed_at_any_append_nothing_is_lost_or_doubled()
    {
        MigratorProcess? running = null;
        var (appends, killAt, kills) = (0, 0, 0);
        // Killed the moment the target's answer to an append passes: the mail is there, and the run does not know.
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = (fromServer, text) =>
            {
                if (!fromServer || !text.Contains("APPENDUID", StringComparison.Ordinal) || Interlocked.Increment(ref appends) != killAt)
                    return false;
                running!.Kill();
                kills++;
                return true;
            },
        };
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 900);
            for (var twin = 0; twin < 20; twin++)
                await source.AppendAsync("INBOX", Letter(1), "", DateTimeOffset.UnixEpoch.AddDays(10_001));
            await source.CreateAsync("Work");
            await FillAsync(source, "Work", 1000, 100);
        }
        string[] copy =
        [
            "copy",
            $"imap://{harness.SourceUser}@localhost:{servers.Old.ImapPort}?tls=none",
            $"imap://{harness.TargetUser}@localhost:{proxy.Port}?tls=none",
        ];

        foreach (var moment in Proof.IsLong ? [1, 2, 3, 1] : new[] { 1, 2 })
        {
            (appends, killAt) = (0, moment);
            running = MigratorProcess.Start(harness.State, copy);
            await running.EndAsync();
            running.Dispose();
        }
        killAt = 0;
        var (code, output, errors) = await MigratorProcess.RunAsync(harness.State, copy);

        Assert.True(kills >= 2, $"killed {kills} times");
        Assert.True(code == ExitCode.Success, output + errors);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }
}
