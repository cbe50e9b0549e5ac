using System.Diagnostics;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>What a service takes for a nightly backup of many mailboxes in which nothing is new.</summary>
internal sealed class BackupRoundBenchmark(DovecotServer server, int mailboxes, int rounds)
{
    private const int Messages = 10;

    public async Task RunAsync()
    {
        using var scratch = new Scratch();
        var jobs = Directory.CreateDirectory(Path.Combine(scratch.Path, "jobs")).FullName;
        List<string> people = [.. Enumerable.Range(0, mailboxes).Select(number => $"b{number:00000}")];
        SampleMailbox.Fill(server, people, Messages);
        await File.WriteAllTextAsync(
            Path.Combine(jobs, "people.csv"),
            string.Join('\n', ["name,source.user", .. people.Select(person => $"{person},{person}")]) + "\n"
        );
        await File.WriteAllTextAsync(
            Path.Combine(jobs, "nightly.json"),
            $$"""
            {
              "kind": "backup",
              "mailboxes": "people.csv",
              "connections": 1,
              "source": { "host": "localhost", "port": {{server.ImapsPort}}, "password": "env:BENCH_PASSWORD",
                  "certificate": { "fingerprint": "{{server.Fingerprint}}" } },
              "archive": { "location": "{{Path.Combine(scratch.Path, "archive")}}" }
            }
            """
        );
        var state = Path.Combine(scratch.Path, "state");
        await MigratorRun.TimeAsync(scratch.Path, ["archive", "init", Path.Combine(jobs, "nightly.json")]);
        using var service = await ServiceProcess.StartAsync(jobs, state, "Worker:PerHost:Default=1000");
        Console.WriteLine(
            FormattableString.Invariant($"{mailboxes:N0} mailboxes of {Messages} messages, backed up into one archive by a service; ")
                + FormattableString.Invariant(
                    $"Dovecot on loopback over TLS, {Environment.ProcessorCount} cores. Nothing is new after the "
                )
                + FormattableString.Invariant($"first round; medians of {rounds} rounds.")
        );
        Console.WriteLine();
        Console.WriteLine("| round       | wall time | CPU time | peak memory |");
        Console.WriteLine("|-------------|----------:|---------:|------------:|");
        Print("first", [await RoundAsync(service, 1)], service);
        Age(Path.Combine(scratch.Path, "archive"));
        var later = new List<(double Time, double Cpu)>();
        for (var round = 0; round < rounds; round++)
            later.Add(await RoundAsync(service, round + 2));
        Print("nothing new", later, service);
    }

    private async Task<(double Time, double Cpu)> RoundAsync(ServiceProcess service, int round)
    {
        var (before, watch) = (service.Cpu, Stopwatch.StartNew());
        await service.TriggerAsync("nightly");
        await service.CompleteAsync(round * mailboxes);
        return (watch.Elapsed.TotalSeconds, (service.Cpu - before).TotalSeconds);
    }

    /// <summary>As they are in the next night, in which index blobs that were merged are removed.</summary>
    private static void Age(string archive)
    {
        foreach (var file in Directory.EnumerateFiles(archive, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddDays(-1));
    }

    private static void Print(string round, IReadOnlyList<(double Time, double Cpu)> took, ServiceProcess service)
    {
        var (time, cpu) = (Statistics.Median(took.Select(one => one.Time)), Statistics.Median(took.Select(one => one.Cpu)));
        Console.WriteLine(
            FormattableString.Invariant($"| {round, -11} | {time, 7:0.0} s | {cpu, 6:0.0} s | ")
                + FormattableString.Invariant($"{service.Memory("VmHWM") / (1 << 20), 7:0} MiB |")
        );
    }
}
