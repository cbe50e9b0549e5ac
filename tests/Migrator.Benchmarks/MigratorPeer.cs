using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

internal sealed class MigratorPeer : IPeer
{
    public string Name => "migrator";

    public async Task<Measured> MeasureAsync(DovecotServer old, string from, DovecotServer @new, string to, string directory)
    {
        var job = Path.Combine(directory, "job.json");
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "source": { "host": "localhost", "port": {{old.ImapsPort}},
                  "user": "{{from}}", "password": "env:BENCH_PASSWORD",
                  "certificate": { "fingerprint": "{{old.Fingerprint}}" } },
              "target": { "host": "localhost", "port": {{@new.ImapsPort}},
                  "user": "{{to}}", "password": "env:BENCH_PASSWORD",
                  "certificate": { "fingerprint": "{{@new.Fingerprint}}" } }
            }
            """
        );
        Task<(TimeSpan Time, long Peak)> Run(string command) =>
            Timed.RunAsync(
                Tests.Worker.MigratorProgram.Command[0],
                [.. Tests.Worker.MigratorProgram.Command.Skip(1), command, job, "--state", Path.Combine(directory, "state")]
            );
        var copy = await Run("run");
        return new Measured(copy.Time, (await Run("run")).Time, (await Run("verify")).Time, copy.Peak);
    }
}
