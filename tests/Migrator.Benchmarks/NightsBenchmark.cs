using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>A backup of one mailbox, night after night, in each of which 50 things change: a night should cost the same however many there
/// were before.</summary>
internal sealed class NightsBenchmark(DovecotServer server, int nights, int messages)
{
    private const int New = 30;
    private const int Flagged = 10;
    private const int Deleted = 10;
    private const int Around = 5;

    private const string User = "ann";

    private readonly List<Usage> _nights = [];

    public async Task RunAsync()
    {
        await SampleMailbox.FillTinyAsync(server, User, 0, messages);
        Console.WriteLine(
            FormattableString.Invariant($"{messages:N0} messages of 500 bytes in INBOX, {New} new, {Flagged} flags changed and {Deleted} ")
                + FormattableString.Invariant($"deleted each night; Dovecot on loopback over TLS, {Environment.ProcessorCount} cores. ")
                + FormattableString.Invariant($"Medians of {Around} nights.")
        );
        Console.WriteLine();
        Console.WriteLine("| night |    time | CPU time | peak memory | files | stored | added that night |  check |");
        Console.WriteLine("|------:|--------:|---------:|------------:|------:|-------:|-----------------:|-------:|");
        using var directory = new Scratch();
        var archive = Path.Combine(directory.Path, "archive");
        var job = await MigratorRun.WriteBackupJobAsync(directory.Path, server, User, $"\"location\": \"{archive}\"");
        await MigratorAsync(directory.Path, "archive", "init", job);
        await MigratorAsync(directory.Path, "run", job);
        int[] shown = [.. new[] { 10, 30, 100, 200, nights }.Where(night => night <= nights).Distinct()];
        var added = 0L;
        for (var night = 1; night <= nights; night++)
        {
            await ChangeAsync(night);
            var before = Size(archive).Bytes;
            _nights.Add(await MigratorAsync(directory.Path, "run", job));
            added = Size(archive).Bytes - before;
            if (shown.Contains(night))
                Print(night, Size(archive), added, await MigratorAsync(directory.Path, "archive", "check", archive));
        }
        var prune = await MigratorAsync(directory.Path, "archive", "prune", archive, "--keep-last", $"{Math.Max(1, nights / 2)}");
        var (files, bytes) = Size(archive);
        Console.WriteLine();
        Console.WriteLine(
            FormattableString.Invariant($"Night {nights} took {Cost(nights) / Cost(10):0.00} times the CPU time of night 10. ")
                + FormattableString.Invariant($"A prune to {Math.Max(1, nights / 2)} snapshots: {prune.Time.TotalSeconds:0.0} s, ")
                + FormattableString.Invariant($"{prune.Peak / (1 << 20):0} MiB; then {files:N0} files, {bytes / 1e6:0.0} MB.")
        );
    }

    /// <summary>The oldest are deleted, others flagged.</summary>
    private async Task ChangeAsync(int night)
    {
        await SampleMailbox.FillTinyAsync(server, User, messages + ((night - 1) * New), New);
        await using var imap = await server.LogInAsync(User);
        var first = ((night - 1) * Deleted) + 1;
        await imap.DeleteAsync("INBOX", $"{first}:{first + Deleted - 1}");
        var left = messages - (nights * Deleted);
        var uids = Enumerable.Range(0, Flagged).Select(number => (nights * Deleted) + 1 + ((night + (number * (left / Flagged))) % left));
        await imap.StoreAsync("INBOX", string.Join(',', uids), night % 2 == 0 ? "-FLAGS (\\Flagged)" : "+FLAGS (\\Flagged)");
    }

    /// <summary>In seconds of CPU time, of the nights around this one.</summary>
    private double Cost(int night) => Statistics.Median(NightsAround(night).Select(usage => usage.Cpu.TotalSeconds));

    private List<Usage> NightsAround(int night) => [.. _nights.Take(night).TakeLast(Around)];

    private void Print(int night, (int Files, long Bytes) size, long added, Usage check)
    {
        var time = Statistics.Median(NightsAround(night).Select(usage => usage.Time.TotalSeconds));
        var peak = Statistics.Median(NightsAround(night).Select(usage => (double)usage.Peak)) / (1 << 20);
        Console.WriteLine(
            FormattableString.Invariant($"| {night, 5} | {time, 5:0.00} s | {Cost(night), 6:0.00} s | {peak, 7:0} MiB | {size.Files, 5} | ")
                + FormattableString.Invariant(
                    $"{size.Bytes / 1e6, 3:0.0} MB | {added / 1e3, 13:0.0} KB | {check.Time.TotalSeconds, 4:0.0} s |"
                )
        );
    }

    private static Task<Usage> MigratorAsync(string directory, params string[] arguments) => MigratorRun.TimeAsync(directory, arguments);

    private static (int Files, long Bytes) Size(string archive)
    {
        var files = new DirectoryInfo(archive).EnumerateFiles("*", SearchOption.AllDirectories).ToList();
        return (files.Count, files.Sum(file => file.Length));
    }
}
