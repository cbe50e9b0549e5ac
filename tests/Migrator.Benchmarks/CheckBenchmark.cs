using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>How long a person waits who asks first what a run would do: <c>migrator check</c> of a large mailbox, before anything was
/// copied and after everything was.</summary>
internal sealed class CheckBenchmark(DovecotServer source, DovecotServer target, int messages, int folders, int rounds)
{
    public async Task RunAsync()
    {
        await SampleMailbox.FillFoldersAsync(source, "ann", messages, folders);
        Console.WriteLine(
            FormattableString.Invariant(
                $"{messages:N0} messages of 2 KB in {folders:N0} folders; Dovecot to Dovecot on loopback over TLS, "
            ) + FormattableString.Invariant($"{Environment.ProcessorCount} cores; median of {rounds} rounds.")
        );
        using var directory = new Scratch();
        await using var from = new Link(source, TimeSpan.Zero);
        await using var to = new Link(target, TimeSpan.Zero);
        var run = new MigratorRun(await MigratorRun.WriteJobAsync(directory.Path, from, "ann", to, "bob"), directory.Path);
        Console.WriteLine();
        Console.WriteLine("|                       |     time | peak memory |");
        Console.WriteLine("|-----------------------|---------:|------------:|");
        await RowAsync("check, nothing copied", run, "check", rounds);
        await RowAsync("run, first copy", run, "run", 1);
        await RowAsync("check, nothing new", run, "check", rounds);
        await RowAsync("run, nothing new", run, "run", rounds);
    }

    private static async Task RowAsync(string name, MigratorRun run, string command, int times)
    {
        var measured = new List<Usage>();
        for (var time = 0; time < times; time++)
            measured.Add(await run.TimeAsync(command));
        var seconds = Statistics.Median(measured.Select(one => one.Time.TotalSeconds));
        var peak = Statistics.Median(measured.Select(one => (double)one.Peak)) / (1 << 20);
        Console.WriteLine(FormattableString.Invariant($"| {name, -21} | {seconds, 6:0.00} s | {peak, 7:0} MiB |"));
    }
}
