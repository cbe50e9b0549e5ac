using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Recovery;

/// <summary>A sample of what <c>Migrator.Benchmarks kills</c> does a thousand times.</summary>
public sealed class CopyKillsTests(DovecotFixture servers)
{
    [Fact]
    public async Task Nothing_is_lost_doubled_or_altered_whatever_is_killed()
    {
        var directory = Directory.CreateTempSubdirectory("kills");
        await using var pipelined = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["MULTIAPPEND"]));
        var kills = new CopyKills(servers.Old, servers.New, pipelined, directory.FullName, 7, TestContext.Current.SendDiagnosticMessage)
        {
            Cycles = 1,
            MostKillsOfARun = 2,
        };

        await kills.RunAsync(Proof.Of(5, 50));

        Assert.True(kills.Damage is { IsNone: true, Compared: > 0 }, $"{kills.Damage}");
        directory.Delete(recursive: true);
    }
}
