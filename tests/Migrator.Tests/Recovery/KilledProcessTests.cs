using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
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

    [Fact]
    public async Task Killed_while_the_target_copies_nothing_is_lost_or_doubled()
    {
        MigratorProcess? running = null;
        var kills = 0;
        await using var gmail = await GmailServer.StartAsync();
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = (fromServer, text) =>
            {
                // Before the command gets there, and when it was executed.
                if (
                    kills > 1
                    || !text.Contains(fromServer ? "COPYUID" : "UID COPY", StringComparison.Ordinal)
                    || fromServer != (kills == 1)
                )
                    return false;
                running!.Kill();
                kills++;
                return true;
            },
        };
        await using var harness = new Harness(gmail.Server, servers.New, gmail.Port, proxy.Port);
        await using (var ann = await gmail.LogInAsync(harness.SourceUser))
        {
            await ann.CreateAsync("Work");
            await FillAsync(ann, "INBOX", 0, 300);
            await ann.RunAsync("SELECT INBOX");
            await ann.RunAsync("UID STORE 1:* +X-GM-LABELS (Work)");
        }
        string[] copy =
        [
            "copy",
            $"imap://{harness.SourceUser}@localhost:{gmail.Port}?tls=none",
            $"imap://{harness.TargetUser}@localhost:{proxy.Port}?tls=none",
        ];
        while (kills < 2)
        {
            var before = kills;
            using (running = MigratorProcess.Start(harness.State, copy))
                await running.EndAsync();
            Assert.Equal(before + 1, kills);
        }

        var (code, output, errors) = await MigratorProcess.RunAsync(harness.State, copy);

        Assert.True(code == ExitCode.Success, output + errors);
        var there = (await harness.TargetContentAsync()).Folders;
        Assert.Equal((300, 300), (there["INBOX"].Count, there["INBOX"].Select(message => message.Hash).Distinct().Count()));
        Assert.Equal(there["INBOX"].Select(message => message.Hash).Order(), there["Work"].Select(message => message.Hash).Order());
    }
}
