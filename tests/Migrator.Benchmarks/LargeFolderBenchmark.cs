using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>One folder of many small messages: what a first copy and a comparison of both ends take for each, and what later runs take in
/// which ten messages are new, changed or gone. Neither should depend on how many were copied before.</summary>
internal sealed class LargeFolderBenchmark(DovecotServer source, DovecotServer target, int rounds)
{
    private const int Changes = 10;

    public async Task RunAsync(IReadOnlyList<int> sizes)
    {
        Console.WriteLine(
            FormattableString.Invariant($"Messages of 500 bytes in INBOX; Dovecot (mdbox) to Dovecot on loopback over TLS, ")
                + FormattableString.Invariant($"{Environment.ProcessorCount} cores; medians of {rounds} rounds, but for the first copy.")
        );
        foreach (var size in sizes)
        {
            Console.WriteLine();
            await MeasureAsync(size);
        }
    }

    private async Task MeasureAsync(int messages)
    {
        var (old, @new) = ($"old{messages}", $"new{messages}");
        await SampleMailbox.FillTinyAsync(source, old, 0, messages);
        await using var from = new Link(source, TimeSpan.Zero);
        await using var to = new Link(target, TimeSpan.Zero);
        using var directory = new Scratch();
        var run = new MigratorRun(await MigratorRun.WriteJobAsync(directory.Path, from, old, to, @new), directory.Path);

        Console.WriteLine($"| {FormattableString.Invariant($"{messages:N0} messages"), -27} |     time | CPU time | peak memory |");
        Console.WriteLine("|-----------------------------|---------:|---------:|------------:|");
        var first = await run.TimeAsync("run");
        Print(FormattableString.Invariant($"first copy, {messages / first.Time.TotalSeconds:N0}/s"), [first]);
        await RowAsync(run, "verify", _ => Task.CompletedTask, command: "verify");
        await RowAsync(run, "nothing new", _ => Task.CompletedTask);
        await RowAsync(run, "10 new", round => SampleMailbox.FillTinyAsync(source, old, messages + (round * Changes), Changes));
        await RowAsync(run, "10 flags changed", round => FlagAsync(old, Spread(messages, round)));
        await RowAsync(run, "10 deleted at the source", round => DeleteAsync(source, old, Spread(messages, rounds + round)));
        await RowAsync(run, "10 deleted at the target", round => DeleteAsync(target, @new, Spread(messages, (2 * rounds) + round)));

        var archive = Path.Combine(directory.Path, "archive");
        var backup = new MigratorRun(
            await MigratorRun.WriteBackupJobAsync(directory.Path, source, old, $"\"location\": \"{archive}\""),
            directory.Path
        );
        await backup.TimeAsync("archive", "init");
        Print("first backup", [await backup.TimeAsync("run")]);
        await RowAsync(backup, "backup, nothing new", _ => Task.CompletedTask);
        await RowAsync(
            backup,
            "backup, 10 new",
            round => SampleMailbox.FillTinyAsync(source, old, messages + ((rounds + round) * Changes), Changes)
        );
        await RowAsync(backup, "backup, 10 flags changed", round => FlagAsync(old, Spread(messages, (3 * rounds) + round)));
        await RowAsync(backup, "backup, 10 deleted", round => DeleteAsync(source, old, Spread(messages, (4 * rounds) + round)));
    }

    /// <summary>UIDs all over the folder, other ones in each round.</summary>
    private static string Spread(int messages, int round) =>
        string.Join(',', Enumerable.Range(0, Changes).Select(number => 1 + round + (number * (messages / Changes))));

    private async Task FlagAsync(string user, string uids)
    {
        await using var imap = await source.LogInAsync(user);
        await imap.StoreAsync("INBOX", uids, "+FLAGS (\\Flagged)");
    }

    private static async Task DeleteAsync(DovecotServer server, string user, string uids)
    {
        await using var imap = await server.LogInAsync(user);
        await imap.DeleteAsync("INBOX", uids);
    }

    private async Task RowAsync(MigratorRun run, string name, Func<int, Task> changeAsync, string command = "run")
    {
        var measured = new List<Usage>();
        for (var round = 0; round < rounds; round++)
        {
            await changeAsync(round);
            measured.Add(await run.TimeAsync(command));
        }
        Print(name, measured);
    }

    private static void Print(string name, IReadOnlyList<Usage> measured)
    {
        var seconds = Statistics.Median(measured.Select(one => one.Time.TotalSeconds));
        var cpu = Statistics.Median(measured.Select(one => one.Cpu.TotalSeconds));
        var peak = Statistics.Median(measured.Select(one => (double)one.Peak)) / (1 << 20);
        Console.WriteLine(FormattableString.Invariant($"| {name, -27} | {seconds, 6:0.00} s | {cpu, 6:0.00} s | {peak, 7:0} MiB |"));
    }
}
