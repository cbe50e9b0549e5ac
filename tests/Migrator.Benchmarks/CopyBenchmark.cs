using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>A mailbox from server to server, by Migrator and by mbsync in turns: in several folders and in one, and over a
/// distance.</summary>
internal sealed class CopyBenchmark(DovecotServer old, DovecotServer @new, int messages, int rounds)
{
    private const string Mbsync = "/usr/bin/mbsync";

    private static readonly TimeSpan s_distance = TimeSpan.FromMilliseconds(50);

    private sealed record Case(string Name, string User, TimeSpan RoundTrip)
    {
        public List<(Usage Copy, Usage NothingNew, Usage Verify)> Migrator { get; } = [];

        public List<(Usage Copy, Usage NothingNew)> Mbsync { get; } = [];
    }

    public async Task RunAsync()
    {
        var bytes = await SampleMailbox.FillAsync(old, "ann", messages, folders: 12);
        await SampleMailbox.FillAsync(old, "bob", messages, folders: 1);
        Console.WriteLine(
            FormattableString.Invariant($"{messages:N0} messages, {bytes / 1e6:N0} MB; Dovecot to Dovecot on loopback over TLS, ")
                + FormattableString.Invariant($"{Environment.ProcessorCount} cores; medians of {rounds} rounds.")
        );
        Case[] cases = [new("12 folders", "ann", default), new("1 folder", "bob", default), new("12 folders, 50 ms", "ann", s_distance)];
        for (var round = 0; round < rounds; round++)
        {
            foreach (var one in cases)
                await MeasureAsync(one);
        }

        Console.WriteLine();
        Console.WriteLine(
            "|                   | first copy | of mbsync |  CPU time | peak memory | nothing new | of mbsync | CPU time | verify |"
        );
        Console.WriteLine(
            "|-------------------|-----------:|----------:|----------:|------------:|------------:|----------:|---------:|-------:|"
        );
        foreach (var one in cases)
            Print(one);
    }

    private async Task MeasureAsync(Case one)
    {
        await using var from = new Link(old, one.RoundTrip);
        await using var to = new Link(@new, one.RoundTrip);
        using (var directory = new Scratch())
        {
            var user = $"migrator{Guid.NewGuid():N}";
            var run = new MigratorRun(await MigratorRun.WriteJobAsync(directory.Path, from, one.User, to, user), directory.Path);
            one.Migrator.Add((await run.TimeAsync("run"), await run.TimeAsync("run"), await run.TimeAsync("verify")));
        }
        if (!File.Exists(Mbsync))
            return;
        using (var directory = new Scratch())
        {
            var config = await MbsyncConfiguration.WriteAsync(directory.Path, from, one.User, to, $"mbsync{Guid.NewGuid():N}");
            one.Mbsync.Add((await Timed.RunAsync(Mbsync, ["-c", config, "-a"]), await Timed.RunAsync(Mbsync, ["-c", config, "-a"])));
        }
    }

    private static void Print(Case one)
    {
        var copy = Seconds(one.Migrator.Select(run => run.Copy.Time));
        var again = Seconds(one.Migrator.Select(run => run.NothingNew.Time));
        Console.WriteLine(
            FormattableString.Invariant($"| {one.Name, -17} | {copy, 8:0.0} s | {Of(copy, one.Mbsync.Select(run => run.Copy)), 9} ")
                + FormattableString.Invariant($"| {Seconds(one.Migrator.Select(run => run.Copy.Cpu)), 7:0.0} s ")
                + FormattableString.Invariant($"| {one.Migrator.Max(run => run.Copy.Peak) / (1 << 20), 7} MiB | {again, 9:0.00} s ")
                + FormattableString.Invariant($"| {Of(again, one.Mbsync.Select(run => run.NothingNew)), 9} ")
                + FormattableString.Invariant($"| {Seconds(one.Migrator.Select(run => run.NothingNew.Cpu)), 6:0.00} s ")
                + FormattableString.Invariant($"| {Seconds(one.Migrator.Select(run => run.Verify.Time)), 4:0.0} s |")
        );
    }

    private static string Of(double seconds, IEnumerable<Usage> mbsync) =>
        mbsync.Select(run => run.Time).ToList() is { Count: > 0 } times
            ? FormattableString.Invariant($"{seconds / Seconds(times):0.00}")
            : "-";

    private static double Seconds(IEnumerable<TimeSpan> times) => Statistics.Median(times.Select(time => time.TotalSeconds));
}
