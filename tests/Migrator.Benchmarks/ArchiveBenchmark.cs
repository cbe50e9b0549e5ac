using System.Globalization;
using System.Security.Cryptography;
using Migrator.App.Output;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>Backups into local archives, beside mbsync into a Maildir; POP3 beside mpop; restore.</summary>
internal sealed class ArchiveBenchmark(DovecotServer server, int messages, int rounds)
{
    private sealed record Row(string Name, List<Usage> First, List<TimeSpan> Again, List<long> Size);

    public async Task RunAsync()
    {
        var bytes = await SampleMailbox.FillAsync(server, "ann", messages, folders: 12);
        await SampleMailbox.FillSmallAsync(server, "pop", 2 * messages);
        var size = FormattableString.Invariant($"{messages:N0} messages, {bytes / 1e6:N0} MB");
        Console.WriteLine(
            FormattableString.Invariant(
                $"{size} in 12 folders; Dovecot on loopback over TLS, {Environment.ProcessorCount} cores; medians of {rounds} rounds."
            )
        );
        var backups = new List<Row>();
        var pops = new List<Row>();
        var restores = new List<Row>();
        for (var round = 0; round < rounds; round++)
        {
            using var directory = new Scratch();
            await BackUpAsync(backups, directory.Path);
            await RestoreAsync(restores, directory.Path, round);
            await Pop3Async(pops, directory.Path);
        }
        Print("Backup into local storage", backups, "mbsync to Maildir", bytes);
        Print($"POP3, {2 * messages:N0} messages of 2 KB", pops, "mpop to Maildir", null);
        Print("The same mailbox to a server", restores, "copy from the server", null);
    }

    private async Task BackUpAsync(List<Row> rows, string directory)
    {
        foreach (var (name, key) in new[] { ("archive", ""), ("archive, encrypted", "key") })
        {
            var (path, archive) = (Path.Combine(directory, $"job{key}.json"), Path.Combine(directory, $"archive{key}"));
            await File.WriteAllBytesAsync(Path.Combine(directory, "key"), RandomNumberGenerator.GetBytes(32));
            await File.WriteAllTextAsync(
                path,
                $$"""
                {
                  "kind": "backup",
                  "source": {{Source("ann", server.ImapsPort, "imap")}},
                  "archive": { "location": "{{archive}}"{{(key.Length > 0 ? $", \"keyFile\": \"{key}\"" : "")}} }
                }
                """
            );
            await MigratorAsync(directory, "archive", "init", path);
            Add(rows, name, await MigratorAsync(directory, "run", path), (await MigratorAsync(directory, "run", path)).Time, Size(archive));
        }
        if (!File.Exists("/usr/bin/mbsync"))
            return;
        var (config, maildir) = (
            Path.Combine(directory, "mbsyncrc"),
            Directory.CreateDirectory(Path.Combine(directory, "maildir")).FullName
        );
        await File.WriteAllTextAsync(Path.Combine(directory, "server.pem"), server.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(
            config,
            $"""
            IMAPStore far
            Host localhost
            Port {server.ImapsPort}
            User ann
            Pass {DovecotServer.Password}
            SSLType IMAPS
            CertificateFile {directory}/server.pem

            MaildirStore near
            Path {maildir}/
            Inbox {maildir}/INBOX
            SubFolders Verbatim

            Channel c
            Far :far:
            Near :near:
            Patterns *
            Create Near
            Sync Pull
            CopyArrivalDate yes
            SyncState *

            """
        );
        var first = await Timed.RunAsync("/usr/bin/mbsync", ["-c", config, "-a"]);
        Add(rows, "mbsync to Maildir", first, (await Timed.RunAsync("/usr/bin/mbsync", ["-c", config, "-a"])).Time, Size(maildir));
        if (!File.Exists("/usr/bin/restic"))
            return;
        var repository = Path.Combine(directory, "restic");
        string[] where = ["-q", "-r", repository, "--password-file", Path.Combine(directory, "passphrase"), "--no-cache"];
        await File.WriteAllTextAsync(Path.Combine(directory, "passphrase"), "x");
        await Timed.RunAsync("/usr/bin/restic", [.. where, "init"]);
        var backup = await Timed.RunAsync("/usr/bin/restic", [.. where, "backup", maildir]);
        Add(
            rows,
            "then restic of the Maildir",
            backup,
            (await Timed.RunAsync("/usr/bin/restic", [.. where, "backup", maildir])).Time,
            Size(repository)
        );
    }

    private async Task RestoreAsync(List<Row> rows, string directory, int round)
    {
        var target = $"imaps://restored{round}@localhost:{server.ImapsPort}?fingerprint={server.Fingerprint}";
        Add(
            rows,
            "restore from the archive",
            await MigratorAsync(
                directory,
                "restore",
                Path.Combine(directory, "archive"),
                "--to",
                target,
                "--password",
                "env:BENCH_PASSWORD"
            ),
            default,
            0
        );
        var copy = await MigratorAsync(
            directory,
            "copy",
            $"imaps://ann@localhost:{server.ImapsPort}?fingerprint={server.Fingerprint}",
            $"imaps://copied{round}@localhost:{server.ImapsPort}?fingerprint={server.Fingerprint}",
            "--source-password",
            "env:BENCH_PASSWORD",
            "--target-password",
            "env:BENCH_PASSWORD"
        );
        Add(rows, "copy from the server", copy, default, 0);
    }

    private async Task Pop3Async(List<Row> rows, string directory)
    {
        var (path, archive) = (Path.Combine(directory, "pop.json"), Path.Combine(directory, "pop"));
        await File.WriteAllTextAsync(
            path,
            $$"""
            { "kind": "backup", "source": {{Source("pop", server.Pop3sPort, "pop3")}}, "archive": { "location": "{{archive}}" } }
            """
        );
        await MigratorAsync(directory, "archive", "init", path);
        Add(
            rows,
            "archive",
            await MigratorAsync(directory, "run", path),
            (await MigratorAsync(directory, "run", path)).Time,
            Size(archive)
        );
        if (!File.Exists("/usr/bin/mpop"))
            return;
        var (config, maildir) = (Path.Combine(directory, "mpoprc"), Path.Combine(directory, "popdir"));
        foreach (var part in new[] { "cur", "new", "tmp" })
            Directory.CreateDirectory(Path.Combine(maildir, part));
        await File.WriteAllTextAsync(
            config,
            $"""
            account pop
            host localhost
            port {server.Pop3sPort}
            user pop
            password {DovecotServer.Password}
            tls on
            tls_starttls off
            tls_trust_file
            tls_fingerprint {string.Join(':', server.Fingerprint.Chunk(2).Select(pair => new string(pair).ToUpperInvariant()))}
            keep on
            received_header off
            uidls_file {directory}/uidls
            delivery maildir {maildir}
            account default : pop

            """
        );
        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string[] arguments = ["-C", config, "-q"];
        var first = await Timed.RunAsync("/usr/bin/mpop", arguments);
        Add(rows, "mpop to Maildir", first, (await Timed.RunAsync("/usr/bin/mpop", arguments)).Time, Size(maildir));
    }

    private string Source(string user, int port, string protocol) =>
        $$"""
            { "protocol": "{{protocol}}", "host": "localhost", "port": {{port}},
              "user": "{{user}}", "password": "env:BENCH_PASSWORD",
              "certificate": { "fingerprint": "{{server.Fingerprint}}" } }
            """;

    private static Task<Usage> MigratorAsync(string directory, params string[] arguments) => MigratorRun.TimeAsync(directory, arguments);

    private static void Add(List<Row> rows, string name, Usage first, TimeSpan again, long size)
    {
        if (rows.Find(row => row.Name == name) is not { } row)
            rows.Add(row = new Row(name, [], [], []));
        row.First.Add(first);
        row.Again.Add(again);
        row.Size.Add(size);
    }

    private static long Size(string directory) =>
        new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    /// <param name="compared">The row that the first runs of the others are divided by.</param>
    private static void Print(string title, List<Row> rows, string compared, long? bytes)
    {
        var other = rows.Find(row => row.Name == compared) is { } reference ? First(reference) : 0;
        Console.WriteLine();
        Console.WriteLine($"{title}:");
        Console.WriteLine();
        Console.WriteLine($"|                            | first run | of {compared, -20} | nothing new | peak memory | stored |");
        Console.WriteLine("|----------------------------|----------:|------------------------:|------------:|------------:|-------:|");
        foreach (var row in rows)
        {
            var size = Statistics.Median(row.Size.Select(size => (double)size));
            var megabytes = size == 0 ? "-" : $"{size / 1e6:0} MB";
            var first = First(row);
            var ratio = other == 0 ? "-" : (first / other).ToString("0.00", CultureInfo.InvariantCulture);
            var again =
                row.Again[0] == default
                    ? "-"
                    : Statistics.Median(row.Again.Select(time => time.TotalSeconds)).ToString("0.00 s", CultureInfo.InvariantCulture);
            var peak = Statistics.Median(row.First.Select(first => (double)first.Peak)) / (1 << 20);
            Console.WriteLine(
                FormattableString.Invariant(
                    $"| {row.Name, -26} | {first, 7:0.0} s | {ratio, 23} | {again, 11} | {peak, 7:0} MiB | {megabytes, 6} |"
                )
            );
        }
        static double First(Row row) => Statistics.Median(row.First.Select(first => first.Time.TotalSeconds));

        if (bytes is { } plain)
            Console.WriteLine(FormattableString.Invariant($"{Environment.NewLine}The messages alone: {plain / 1e6:0} MB."));
    }
}
