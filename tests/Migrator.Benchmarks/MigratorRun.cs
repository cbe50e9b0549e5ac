using Migrator.Tests.Worker;

namespace Migrator.Benchmarks;

/// <summary>Commands of the program for one job.</summary>
internal sealed class MigratorRun(string job, string directory)
{
    /// <returns>The file of a job between two servers.</returns>
    public static async Task<string> WriteJobAsync(string directory, Link old, string from, Link @new, string to)
    {
        var job = Path.Combine(directory, "job.json");
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "source": { "host": "localhost", "port": {{old.ImapsPort}},
                  "user": "{{from}}", "password": "env:BENCH_PASSWORD",
                  "certificate": { "fingerprint": "{{old.Server.Fingerprint}}" } },
              "target": { "host": "localhost", "port": {{@new.ImapsPort}},
                  "user": "{{to}}", "password": "env:BENCH_PASSWORD",
                  "certificate": { "fingerprint": "{{@new.Server.Fingerprint}}" } }
            }
            """
        );
        return job;
    }

    public Task<Usage> TimeAsync(string command) =>
        Timed.RunAsync(
            MigratorProgram.Command[0],
            [.. MigratorProgram.Command.Skip(1), command, job, "--state", Path.Combine(directory, "state")]
        );
}
