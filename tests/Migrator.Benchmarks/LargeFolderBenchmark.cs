using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>One folder of many small messages: what a first copy and a comparison of both ends take for each, and what later runs take in
/// which ten messages are new, changed or gone: none of that should depend on how many were copied before. Then what takes longer the more
/// there are, but not more memory: commands that go through an archive, and runs in which all messages changed or are gone.</summary>
internal sealed class LargeFolderBenchmark(DovecotServer source, DovecotServer target, int rounds)
{
    private const int Changes = 10;
    private const int MostDeleted = 100_000;

    private UsageTable? _table;

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

        _table = new UsageTable(FormattableString.Invariant($"{messages:N0} messages"));
        var first = await run.TimeAsync("run");
        _table.Add(FormattableString.Invariant($"first copy, {messages / first.Time.TotalSeconds:N0}/s"), first);
        await RowAsync(run, "verify", _ => Task.CompletedTask, command: "verify");
        await RowAsync(run, "nothing new", _ => Task.CompletedTask);
        await RowAsync(run, "10 new", round => SampleMailbox.FillTinyAsync(source, old, messages + (round * Changes), Changes));
        await RowAsync(run, "10 flags changed", round => FlagAsync(old, Spread(messages, round)));
        await RowAsync(run, "10 deleted at the source", round => DeleteAsync(source, old, Spread(messages, rounds + round)));
        await RowAsync(run, "10 deleted at the target", round => DeleteAsync(target, @new, Spread(messages, (2 * rounds) + round)));

        await MeasureArchiveAsync(messages, old, directory.Path);

        await FlagAsync(old, "1:*", "\\Answered");
        _table!.Add("all flags changed", await run.TimeAsync("run"));
        // Dovecot hangs up where a million are to be expunged at once.
        for (var lowest = 1; lowest <= messages + (2 * rounds * Changes); lowest += MostDeleted)
            await DeleteAsync(source, old, $"{lowest}:{lowest + MostDeleted - 1}");
        _table!.Add("all deleted at the source", await run.TimeAsync("run"));
    }

    private async Task MeasureArchiveAsync(int messages, string old, string directory)
    {
        var archive = Path.Combine(directory, "archive");
        var backup = new MigratorRun(
            await MigratorRun.WriteBackupJobAsync(directory, source, old, $"\"location\": \"{archive}\""),
            directory
        );
        await backup.TimeAsync("archive", "init");
        _table!.Add("first backup", await backup.TimeAsync("run"));
        await RowAsync(backup, "backup, nothing new", _ => Task.CompletedTask);
        await RowAsync(
            backup,
            "backup, 10 new",
            round => SampleMailbox.FillTinyAsync(source, old, messages + ((rounds + round) * Changes), Changes)
        );
        await RowAsync(backup, "backup, 10 flags changed", round => FlagAsync(old, Spread(messages, (3 * rounds) + round)));
        await RowAsync(backup, "backup, 10 deleted", round => DeleteAsync(source, old, Spread(messages, (4 * rounds) + round)));
        await FlagAsync(old, "1:*", "\\Draft");
        _table!.Add("backup, all flags changed", await backup.TimeAsync("run"));
        _table!.Add("verify of the backup", await backup.TimeAsync("verify"));

        await OnceAsync("check", "archive", "check", archive);
        await OnceAsync("check, all mail is read", "archive", "check", archive, "--read-data");
        await OnceAsync("find", "archive", "find", archive, "--subject", "Message 777");
        await OnceAsync("stats", "archive", "stats", archive);
        await OnceAsync("export to mbox", "export", archive, "--format", "mbox", "--to", Path.Combine(directory, "mbox"));
        await OnceAsync("export to Maildir", "export", archive, "--format", "maildir", "--to", Path.Combine(directory, "maildir"));
        await OnceAsync("restore", MigratorRun.Restore(archive, target, $"restored{messages}"));
        await OnceAsync("prune", "archive", "prune", archive, "--keep-last", "1", "--grace-hours", "0");

        async Task OnceAsync(string name, params string[] command) => _table!.Add(name, await MigratorRun.TimeAsync(directory, command));
    }

    /// <summary>UIDs all over the folder, other ones in each round.</summary>
    private static string Spread(int messages, int round) =>
        string.Join(',', Enumerable.Range(0, Changes).Select(number => 1 + round + (number * (messages / Changes))));

    private async Task FlagAsync(string user, string uids, string flag = "\\Flagged")
    {
        await using var imap = await source.LogInAsync(user);
        await imap.StoreAsync("INBOX", uids, $"+FLAGS.SILENT ({flag})");
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
        _table!.Add(name, measured);
    }
}
