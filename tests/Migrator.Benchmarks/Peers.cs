using System.Diagnostics;
using Migrator.App.Output;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <param name="Verify">Null where the program has no such thing.</param>
/// <param name="PeakBytes">The largest resident set of the first copy.</param>
internal sealed record Measured(TimeSpan Copy, TimeSpan NothingNew, TimeSpan? Verify, long PeakBytes);

/// <summary>A program that migrates mailboxes.</summary>
internal interface IPeer
{
    string Name { get; }

    Task<Measured> MeasureAsync(DovecotServer old, string from, DovecotServer @new, string to, string directory);
}

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

internal sealed class MbsyncPeer : IPeer
{
    public string Name => "mbsync";

    public async Task<Measured> MeasureAsync(DovecotServer old, string from, DovecotServer @new, string to, string directory)
    {
        var config = Path.Combine(directory, "mbsyncrc");
        await File.WriteAllTextAsync(
            config,
            Account("old", old, from, directory)
                + Account("new", @new, to, directory)
                + $"""
                Channel c
                Far :old:
                Near :new:
                Patterns *
                Create Near
                Sync Pull
                CopyArrivalDate yes
                SyncState {directory}/

                """
        );
        await File.WriteAllTextAsync(Path.Combine(directory, "old.pem"), old.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "new.pem"), @new.Certificate.ExportCertificatePem());
        var copy = await Timed.RunAsync("/usr/bin/mbsync", ["-c", config, "-a"]);
        return new Measured(copy.Time, (await Timed.RunAsync("/usr/bin/mbsync", ["-c", config, "-a"])).Time, null, copy.Peak);
    }

    public static string Account(string name, DovecotServer server, string user, string directory) =>
        $"""
            IMAPAccount {name}
            Host localhost
            Port {server.ImapsPort}
            User {user}
            Pass {DovecotServer.Password}
            SSLType IMAPS
            CertificateFile {directory}/{name}.pem

            IMAPStore {name}
            Account {name}


            """;
}

internal static class Timed
{
    /// <exception cref="InvalidOperationException">The program failed: its time means nothing.</exception>
    public static async Task<(TimeSpan Time, long Peak)> RunAsync(string program, IEnumerable<string> arguments)
    {
        var output = Path.GetTempFileName();
        var measured = await RunAsync(program, arguments, output);
        File.Delete(output);
        return (measured.Time, measured.Peak);
    }

    /// <param name="output">The file that gets what the program says.</param>
    /// <returns>Besides the time, the largest resident set, and how much of it at most was the process's own, without mapped files such as
    /// its code.</returns>
    /// <inheritdoc cref="RunAsync(string, IEnumerable{string})"/>
    public static async Task<(TimeSpan Time, long Peak, long Private)> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string output
    )
    {
        var start = new ProcessStartInfo(
            "/usr/bin/env",
            ["sh", "-c", "\"$0\" \"$@\" >\"$BENCH_OUTPUT\" 2>&1; code=$?; exit $code", program, .. arguments]
        );
        start.Environment["BENCH_OUTPUT"] = output;
        start.Environment["BENCH_PASSWORD"] = DovecotServer.Password;
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var (peak, own, pid) = (0L, 0L, process.Id);
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(20)))
        {
            var status = StatusOfChild(pid);
            (peak, own) = (Math.Max(peak, Bytes(status, "VmHWM:")), Math.Max(own, Bytes(status, "RssAnon:")));
        }
        var time = Stopwatch.GetElapsedTime(began);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await File.ReadAllTextAsync(output)}");
        return (time, peak, own);
    }

    // VmHWM is kept by the kernel: it is enough to have looked once near the end.
    private static string[] StatusOfChild(int shell)
    {
        try
        {
            var child = File.ReadAllText($"/proc/{shell}/task/{shell}/children").Trim();
            return File.ReadAllLines(
                $"/proc/{(child.Length > 0 ? child : shell.ToString(System.Globalization.CultureInfo.InvariantCulture))}/status"
            );
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static long Bytes(string[] status, string field) =>
        status.FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture)
                * 1024
            : 0;
}

/// <summary>A directory for one job run.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("bench").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
