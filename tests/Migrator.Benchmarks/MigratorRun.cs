using Migrator.Tests.Servers;
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

    /// <param name="archive">Its properties in the job.</param>
    /// <returns>The file of a job that backs a mailbox up.</returns>
    public static async Task<string> WriteBackupJobAsync(string directory, DovecotServer server, string user, string archive)
    {
        var job = Path.Combine(directory, "backup.json");
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "kind": "backup",
              "source": { "host": "localhost", "port": {{server.ImapsPort}},
                  "user": "{{user}}", "password": "env:BENCH_PASSWORD",
                  "certificate": { "fingerprint": "{{server.Fingerprint}}" } },
              "archive": { {{archive}} }
            }
            """
        );
        return job;
    }

    /// <summary>A user at a server, as commands without a job name it.</summary>
    public static string Account(DovecotServer server, string user) =>
        $"imaps://{user}@localhost:{server.ImapsPort}?fingerprint={server.Fingerprint}";

    /// <returns>The arguments that restore the only mailbox of an archive.</returns>
    public static string[] Restore(string archive, DovecotServer server, string user) =>
        ["restore", archive, "--to", Account(server, user), "--password", "env:BENCH_PASSWORD"];

    /// <param name="command">Followed by the job.</param>
    public Task<Usage> TimeAsync(params string[] command) => TimeAsync(directory, [.. command, job]);

    /// <param name="directory">Has the state of the program.</param>
    public static Task<Usage> TimeAsync(string directory, IEnumerable<string> arguments) =>
        Timed.RunAsync(
            MigratorProgram.Command[0],
            [.. MigratorProgram.Command.Skip(1), .. arguments, "--state", Path.Combine(directory, "state")]
        );
}
