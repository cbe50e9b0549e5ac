using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>What the servers take of a copy, however little is done between them; beside mbsync.</summary>
internal sealed class FloorBenchmark(DovecotServer old, DovecotServer @new, int messages, int rounds)
{
    private const string Mbsync = "/usr/bin/mbsync";
    private const string Peer = "12 folders, mbsync";
    private const int Pairs = 4;

    private readonly Dictionary<string, List<Took>> _took = [];

    private sealed record Took(double Seconds, double Busy, double Disk);

    public async Task RunAsync()
    {
        var bytes = await SampleMailbox.FillAsync(old, "ann", messages, folders: 12);
        await SampleMailbox.FillAsync(old, "bob", messages, folders: 1);
        Console.WriteLine(
            FormattableString.Invariant($"{messages:N0} messages, {bytes / 1e6:N0} MB; Dovecot to Dovecot on loopback over TLS, ")
                + FormattableString.Invariant($"{Environment.ProcessorCount} cores; medians of {rounds} rounds.")
        );
        for (var round = 0; round < rounds; round++)
        {
            await MeasureAsync("12 folders, read alone", () => CopyAsync("ann", 12, append: false));
            await MeasureAsync("12 folders, passed on", () => CopyAsync("ann", 12, append: true));
            await MeasureAsync("12 folders, Migrator", () => MigratorAsync("ann"));
            if (File.Exists(Mbsync))
                await MeasureAsync(Peer, MbsyncAsync);
            await MeasureAsync("1 folder, read alone", () => CopyAsync("bob", 1, append: false));
            await MeasureAsync("1 folder, passed on", () => CopyAsync("bob", 1, append: true));
            await MeasureAsync("1 folder, Migrator", () => MigratorAsync("bob"));
        }
        Console.WriteLine();
        Console.WriteLine("|                        |   time | of mbsync | of all processors, busy | waiting for the disk |");
        Console.WriteLine("|------------------------|-------:|----------:|------------------------:|---------------------:|");
        foreach (var (what, took) in _took)
        {
            var (seconds, peer) = (
                Median(took, one => one.Seconds),
                _took.TryGetValue(Peer, out var of) ? Median(of, one => one.Seconds) : 0
            );
            Console.WriteLine(
                FormattableString.Invariant($"| {what, -22} | {seconds, 4:0.0} s | {(peer > 0 ? seconds / peer : 0), 9:0.00} ")
                    + FormattableString.Invariant(
                        $"| {Median(took, one => 100 * one.Busy), 21:0} % | {Median(took, one => 100 * one.Disk), 18:0} % |"
                    )
            );
        }
    }

    private static double Median(IEnumerable<Took> took, Func<Took, double> of) => Statistics.Median(took.Select(of));

    private async Task MeasureAsync(string what, Func<Task> work)
    {
        var (before, watch) = (Processors(), Stopwatch.StartNew());
        await work();
        var (seconds, after) = (watch.Elapsed.TotalSeconds, Processors());
        var all = (double)(after.All - before.All);
        var took = new Took(seconds, (after.Busy - before.Busy) / all, (after.Disk - before.Disk) / all);
        (_took.TryGetValue(what, out var times) ? times : _took[what] = []).Add(took);
    }

    /// <summary>Ticks of all processors, since the machine was started.</summary>
    private static (long All, long Busy, long Disk) Processors()
    {
        var ticks = File.ReadLines("/proc/stat")
            .First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1)
            .Take(8)
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture))
            .ToList();
        return (ticks.Sum(), ticks.Sum() - ticks[3] - ticks[4], ticks[4]);
    }

    private async Task CopyAsync(string user, int folders, bool append)
    {
        var to = $"floor{Guid.NewGuid():N}";
        var left = new ConcurrentQueue<string>(["INBOX", .. Enumerable.Range(1, folders - 1).Select(number => $"Project {number}")]);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(Pairs, folders)).Select(_ => Task.Run(PairAsync)));

        async Task PairAsync()
        {
            using var source = await Pump.LogInAsync(old, user);
            using var target = append ? await Pump.LogInAsync(@new, to) : null;
            while (left.TryDequeue(out var folder))
            {
                var batches = Channel.CreateBounded<List<byte[]>>(2);
                var appending = target?.AppendAsync(folder, batches.Reader) ?? DropAsync(batches.Reader);
                await Task.WhenAll(source.FetchAsync(folder, batches.Writer), appending);
            }
        }

        static async Task DropAsync(ChannelReader<List<byte[]>> batches)
        {
            await foreach (var _ in batches.ReadAllAsync()) { }
        }
    }

    private async Task MigratorAsync(string user)
    {
        using var directory = new Scratch();
        await using var from = new Link(old, TimeSpan.Zero);
        await using var to = new Link(@new, TimeSpan.Zero);
        var job = await MigratorRun.WriteJobAsync(directory.Path, from, user, to, $"migrator{Guid.NewGuid():N}");
        await new MigratorRun(job, directory.Path).TimeAsync("run");
    }

    private async Task MbsyncAsync()
    {
        using var directory = new Scratch();
        await using var from = new Link(old, TimeSpan.Zero);
        await using var to = new Link(@new, TimeSpan.Zero);
        var config = await MbsyncConfiguration.WriteAsync(directory.Path, from, "ann", to, $"mbsync{Guid.NewGuid():N}");
        await Timed.RunAsync(Mbsync, ["-c", config, "-a"]);
    }
}
