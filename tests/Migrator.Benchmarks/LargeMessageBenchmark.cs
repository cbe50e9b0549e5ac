using System.Text;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>One message that is larger than what any command may hold: each has to pass it on as it comes.</summary>
internal sealed class LargeMessageBenchmark(DovecotServer source, DovecotServer target, int megabytes)
{
    public async Task RunAsync()
    {
        await FillAsync("old");
        await FillAsync("pop");
        await using var from = new Link(source, TimeSpan.Zero);
        await using var to = new Link(target, TimeSpan.Zero);
        using var directory = new Scratch();
        var archive = Path.Combine(directory.Path, "archive");
        var copy = new MigratorRun(await MigratorRun.WriteJobAsync(directory.Path, from, "old", to, "new"), directory.Path);
        var backup = new MigratorRun(
            await MigratorRun.WriteBackupJobAsync(directory.Path, source, "old", $"\"location\": \"{archive}\""),
            directory.Path
        );

        var table = new UsageTable($"one message of {megabytes} MB");
        table.Add("copy", await copy.TimeAsync("run"));
        table.Add("verify", await copy.TimeAsync("verify"));
        await backup.TimeAsync("archive", "init");
        table.Add("backup", await backup.TimeAsync("run"));
        table.Add("verify of the backup", await backup.TimeAsync("verify"));
        await AddAsync("check, all mail is read", "archive", "check", archive, "--read-data");
        await AddAsync("find", "archive", "find", archive, "--subject", "large");
        foreach (var format in new[] { "mbox", "maildir", "eml" })
            await AddAsync($"export to {format}", "export", archive, "--format", format, "--to", Path.Combine(directory.Path, format));
        await AddAsync("restore", MigratorRun.Restore(archive, target, "restored"));
        await AddAsync("prune", "archive", "prune", archive, "--keep-last", "1", "--grace-hours", "0");
        foreach (var format in new[] { "mbox", "maildir", "eml" })
            await AddAsync(
                $"import of {format}",
                "import",
                Path.Combine(directory.Path, format),
                "--format",
                format,
                "--to",
                MigratorRun.Account(target, $"imported-{format}"),
                "--password",
                "env:BENCH_PASSWORD"
            );
        var pop3 = Path.Combine(directory.Path, "pop3");
        var jobs = await WritePop3JobsAsync(directory.Path, pop3);
        await AddAsync("POP3, copy", "run", jobs.Copy);
        await AddAsync("POP3, verify", "verify", jobs.Copy);
        await MigratorRun.TimeAsync(directory.Path, ["archive", "init", jobs.Backup]);
        await AddAsync("POP3, backup", "run", jobs.Backup);
        await AddAsync("POP3, verify of the backup", "verify", jobs.Backup);

        async Task AddAsync(string name, params string[] command) => table.Add(name, await MigratorRun.TimeAsync(directory.Path, command));
    }

    /// <summary>As an attachment: lines of base64, which neither compress well nor repeat.</summary>
    private async Task FillAsync(string user)
    {
        var bytes = new byte[megabytes * 1_000_000];
        var header = "From: bob@example.org\r\nSubject: large\r\nMessage-ID: <large@example.org>\r\n\r\n"u8;
        header.CopyTo(bytes);
        var attached = new byte[57];
        var (random, at) = (new Random(5), header.Length);
        for (; at + 78 <= bytes.Length; at += 78)
        {
            random.NextBytes(attached);
            Encoding.ASCII.GetBytes($"{Convert.ToBase64String(attached)}\r\n").CopyTo(bytes, at);
        }
        await using var imap = await source.LogInAsync(user);
        await imap.AppendAsync("INBOX", bytes[..at]);
    }

    private async Task<(string Copy, string Backup)> WritePop3JobsAsync(string directory, string archive)
    {
        var from = $$"""
            { "protocol": "pop3", "host": "localhost", "port": {{source.Pop3sPort}}, "user": "pop", "password": "env:BENCH_PASSWORD",
              "certificate": { "fingerprint": "{{source.Fingerprint}}" } }
            """;
        var to = $$"""
            { "host": "localhost", "port": {{target.ImapsPort}}, "user": "popped", "password": "env:BENCH_PASSWORD",
              "certificate": { "fingerprint": "{{target.Fingerprint}}" } }
            """;
        var (copy, backup) = (Path.Combine(directory, "pop3-copy.json"), Path.Combine(directory, "pop3-backup.json"));
        await File.WriteAllTextAsync(copy, $$"""{ "source": {{from}}, "target": {{to}} }""");
        await File.WriteAllTextAsync(backup, $$"""{ "kind": "backup", "source": {{from}}, "archive": { "location": "{{archive}}" } }""");
        return (copy, backup);
    }
}
