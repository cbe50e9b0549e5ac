using System.Diagnostics;
using System.Globalization;
using Migrator.App.Output;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>What a service costs while it waits for the next schedule, before and after its jobs have run, and what a scrape of its metrics
/// takes.</summary>
internal sealed class IdleBenchmark(DovecotServer old, DovecotServer @new, int jobs, int seconds)
{
    private const int MailboxesOfAJob = 10;
    private const int Scrapes = 100;

    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(90);

    public async Task RunAsync()
    {
        using var scratch = new Scratch();
        var (directory, state) = (
            Directory.CreateDirectory(Path.Combine(scratch.Path, "jobs")).FullName,
            Path.Combine(scratch.Path, "state")
        );
        var people = Enumerable.Range(0, jobs * MailboxesOfAJob).Select(number => $"i{number:00000}").ToList();
        SampleMailbox.Fill(old, people, 2);
        foreach (var (number, some) in people.Chunk(MailboxesOfAJob).Index())
            await File.WriteAllTextAsync(Path.Combine(directory, $"job{number:000}.json"), Job(some));
        using var service = await ServiceProcess.StartAsync(directory, state);
        Console.WriteLine(
            FormattableString.Invariant(
                $"{jobs:N0} jobs of {MailboxesOfAJob} mailboxes; nothing to do for {seconds} s; {Environment.ProcessorCount} cores."
            )
        );
        Console.WriteLine();
        Console.WriteLine("|                    | processor, of one core | resident memory, median | of it its own | a scrape, median |");
        Console.WriteLine("|--------------------|-----------------------:|------------------------:|--------------:|-----------------:|");
        Console.WriteLine($"| just started       | {await MeasureAsync(service)} |");
        for (var number = 0; number < jobs; number++)
            await service.TriggerAsync($"job{number:000}");
        await service.CompleteAsync(people.Count);
        Console.WriteLine($"| after all have run | {await MeasureAsync(service)} |");
    }

    private async Task<string> MeasureAsync(ServiceProcess service)
    {
        // What beginning and ending cost is not part of it.
        await Task.Delay(s_settling);
        var (before, watch) = (service.Cpu, Stopwatch.StartNew());
        var (resident, own) = (new List<long>(), new List<long>());
        for (var second = 0; second < seconds; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            resident.Add(service.Memory("VmRSS"));
            own.Add(service.Memory("RssAnon"));
        }
        var share = (service.Cpu - before) / watch.Elapsed;
        var took = new List<double>();
        for (var scrape = 0; scrape < Scrapes; scrape++)
        {
            var begun = Stopwatch.GetTimestamp();
            await service.MetricsAsync();
            took.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        var (all, alone) = (Mebibytes(resident), Mebibytes(own));
        return FormattableString.Invariant(
            $"{100 * share, 20:0.0} % | {all, 19:0} MiB | {alone, 9:0} MiB | {Statistics.Median(took), 13:0.0} ms"
        );
    }

    private static double Mebibytes(IEnumerable<long> bytes) => Statistics.Median(bytes.Select(value => (double)value)) / (1 << 20);

    private string Job(string[] people) =>
        $$"""
            {
              "schedule": { "cron": "30 1 1 1 *" },
              "connections": 1,
              "source": { "host": "localhost", "port": {{old.ImapsPort}}, "password": "env:BENCH_PASSWORD",
                  "certificate": { "fingerprint": "{{old.Fingerprint}}" } },
              "target": { "host": "localhost", "port": {{@new.ImapsPort}}, "password": "env:BENCH_PASSWORD",
                  "certificate": { "fingerprint": "{{@new.Fingerprint}}" } },
              "mailboxes": [ {{string.Join(
                ", ",
                people.Select(person =>
                    $$"""{ "name": "{{person}}", "source": { "user": "{{person}}" }, "target": { "user": "{{person}}" } }"""
                )
            )}} ]
            }
            """;
}
