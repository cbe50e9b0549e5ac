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
        var url = $"http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}";
        using var service = Start(["serve", "--set", $"Dashboard:Urls={url}", "--set", $"JobsDirectory={directory}", "--state", state]);
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri(url) };
            await UntilAsync(service, async () => (await http.GetAsync("/health/ready")).IsSuccessStatusCode);
            Console.WriteLine(
                FormattableString.Invariant(
                    $"{jobs:N0} jobs of {MailboxesOfAJob} mailboxes; nothing to do for {seconds} s; {Environment.ProcessorCount} cores."
                )
            );
            Console.WriteLine();
            Console.WriteLine(
                "|                    | processor, of one core | resident memory, median | of it its own | a scrape, median |"
            );
            Console.WriteLine(
                "|--------------------|-----------------------:|------------------------:|--------------:|-----------------:|"
            );
            Console.WriteLine($"| just started       | {await MeasureAsync(service, http)} |");
            for (var number = 0; number < jobs; number++)
            {
                using var trigger = Start(["jobs", "trigger", $"job{number:000}", "--set", $"JobsDirectory={directory}", "--state", state]);
                await trigger.WaitForExitAsync();
                if (trigger.ExitCode != 0)
                    throw new InvalidOperationException(await trigger.StandardError.ReadToEndAsync());
            }
            await UntilAsync(service, async () => Complete(await http.GetStringAsync("/metrics")) == people.Count);
            Console.WriteLine($"| after all have run | {await MeasureAsync(service, http)} |");
        }
        finally
        {
            service.Kill();
            await service.WaitForExitAsync();
        }
    }

    private async Task<string> MeasureAsync(Process service, HttpClient http)
    {
        // What beginning and ending cost is not part of it.
        await Task.Delay(s_settling);
        service.Refresh();
        var (before, watch) = (service.TotalProcessorTime, Stopwatch.StartNew());
        var (resident, own) = (new List<long>(), new List<long>());
        for (var second = 0; second < seconds; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            resident.Add(Kibibytes(service, "VmRSS:"));
            own.Add(Kibibytes(service, "RssAnon:"));
        }
        service.Refresh();
        var share = (service.TotalProcessorTime - before) / watch.Elapsed;
        var took = new List<double>();
        for (var scrape = 0; scrape < Scrapes; scrape++)
        {
            var begun = Stopwatch.GetTimestamp();
            await http.GetStringAsync("/metrics");
            took.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        var (all, alone) = (Mebibytes(resident), Mebibytes(own));
        return FormattableString.Invariant(
            $"{100 * share, 20:0.0} % | {all, 19:0} MiB | {alone, 9:0} MiB | {Statistics.Median(took), 13:0.0} ms"
        );
    }

    private static double Mebibytes(IEnumerable<long> kibibytes) => Statistics.Median(kibibytes.Select(value => (double)value)) / 1024;

    private static long Kibibytes(Process service, string what) =>
        long.Parse(
            File.ReadLines($"/proc/{service.Id}/status")
                .First(line => line.StartsWith(what, StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );

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

    private static Process Start(string[] arguments)
    {
        var program = Tests.Worker.MigratorProgram.Command;
        var start = new ProcessStartInfo(program[0], [.. program.Skip(1), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["BENCH_PASSWORD"] = DovecotServer.Password;
        var process = Process.Start(start)!;
        // A full pipe would hold it.
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static int Complete(string metrics) =>
        metrics
            .Split('\n')
            .Where(line =>
                line.StartsWith("migrator_mailbox_run_duration_seconds_count{", StringComparison.Ordinal)
                && line.Contains("outcome=\"complete\"", StringComparison.Ordinal)
            )
            .Sum(line =>
                (int)
                    double.Parse(
                        line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
                        CultureInfo.InvariantCulture
                    )
            );

    private static async Task UntilAsync(Process service, Func<Task<bool>> holds)
    {
        while (true)
        {
            try
            {
                if (await holds())
                    return;
            }
            catch (HttpRequestException) when (!service.HasExited)
            {
                // It does not listen yet.
            }
            if (service.HasExited)
                throw new InvalidOperationException($"The service ended by itself: {await service.StandardError.ReadToEndAsync()}");
            await Task.Delay(200);
        }
    }
}
