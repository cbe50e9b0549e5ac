using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Recovery;

/// <summary>A sample of what <c>Migrator.Benchmarks archive-kills</c> does a thousand times.</summary>
public sealed class ArchiveKillsTests(DovecotFixture servers)
{
    [Fact]
    public async Task An_archive_stays_sound_whatever_is_killed()
    {
        var directory = Directory.CreateTempSubdirectory("kills");
        var kills = new ArchiveKills(servers.Old, directory.FullName, 7, TestContext.Current.SendDiagnosticMessage);

        await kills.RunAsync(8, TestContext.Current.CancellationToken);

        Assert.True(kills.Kills >= 8 && kills.SnapshotsCompared > 0);
        directory.Delete(recursive: true);
    }
}
