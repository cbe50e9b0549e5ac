using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

internal sealed class MigratorPeer : IPeer
{
    public string Name => "migrator";

    public async Task<Measured> MeasureAsync(DovecotServer old, string from, DovecotServer @new, string to, string directory)
    {
        var run = new MigratorRun(await MigratorRun.WriteJobAsync(directory, old, from, @new, to), directory);
        var copy = await run.TimeAsync("run");
        return new Measured(copy.Time, (await run.TimeAsync("run")).Time, (await run.TimeAsync("verify")).Time, copy.Peak);
    }
}
