using System.Diagnostics;
using System.Text.Json;
using Azure.Storage.Blobs;
using Migrator.App.Output;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>An archive with many mailboxes, nights and messages: what each command takes there, in time and memory; what a night writes;
/// what it asks of Azure.</summary>
/// <param name="made">Where an archive was made before, which is used, or is to be made and left; null for neither.</param>
/// <param name="only">What is measured, by the first words of what it is called; empty for all.</param>
internal sealed class ArchiveScaleBenchmark(
    DovecotServer server,
    int mailboxes,
    int nights,
    long messages,
    int rounds,
    string? made,
    IReadOnlyList<string> only
)
{
    private const int UnmergedNights = 30,
        Own = 10_000,
        AzureMailboxes = 5;
    private const string User = "ann";

    private readonly List<string[]> _rows = [];

    public async Task RunAsync()
    {
        using var directory = new Scratch();
        var (archive, state) = (made ?? Path.Combine(directory.Path, "archive"), Path.Combine(directory.Path, "state"));
        if (!Directory.Exists(archive))
            Make(archive, mailboxes, nights, (int)Math.Max(1, messages / ((long)mailboxes * nights)));
        if (Wants("backup") || Wants("verify"))
        {
            SampleMailbox.Fill(server, [User], Own / 10);
            await SampleMailbox.FillSmallAsync(server, User, Own - (Own / 10));
        }
        var job = await JobAsync(directory.Path, $"\"location\": \"{archive}\"");

        // What is left where nothing else is in the archive: the process, and the mail server.
        var (alone, small) = (
            await JobAsync(Path.Combine(directory.Path, "alone"), $"\"location\": \"{Path.Combine(directory.Path, "small")}\""),
            Path.Combine(directory.Path, "small-state")
        );
        if (Wants("backup"))
        {
            await TimedAsync(small, "archive", "init", alone);
            await TimedAsync(small, "run", alone);
        }
        await MeasureAsync("backup, nothing new, no other mailbox in the archive", small, rounds, "run", alone);

        await MeasureAsync(
            "list one mailbox, index read for the first time",
            state,
            1,
            "archive",
            "ls",
            archive,
            "--mailbox",
            SyntheticArchive.Mailbox(0)
        );
        await MeasureAsync($"backup of {Own:N0} messages, the first", state, 1, "run", job);
        await MeasureAsync("backup, nothing new", state, rounds, "run", job);
        var before = Kinds(archive);
        if (Wants("backup"))
            await ChangeAsync();
        await MeasureAsync("backup, 20 changes", state, 1, "run", job);
        var night = Kinds(archive).ToDictionary(kind => kind.Key, kind => kind.Value.Bytes - before.GetValueOrDefault(kind.Key).Bytes);
        await MeasureAsync("verify what was backed up", state, 1, "verify", job);
        await MeasureAsync("check", state, 1, "archive", "check", archive);
        await MeasureAsync(
            "find by sender and subject",
            state,
            1,
            "archive",
            "find",
            archive,
            "--from",
            "person7@",
            "--subject",
            "Number 7 of 7",
            "--mailbox",
            SyntheticArchive.Mailbox(7)
        );
        await MeasureAsync("stats", state, 1, "archive", "stats", archive);
        await MeasureAsync(
            "restore one mailbox",
            state,
            1,
            "restore",
            archive,
            "--mailbox",
            SyntheticArchive.Mailbox(1),
            "--to",
            $"imaps://restored@localhost:{server.ImapsPort}?fingerprint={server.Fingerprint}",
            "--password",
            "env:BENCH_PASSWORD"
        );
        await MeasureAsync(
            "export one mailbox",
            state,
            1,
            "export",
            archive,
            "--mailbox",
            SyntheticArchive.Mailbox(1),
            "--format",
            "mbox",
            "--to",
            Path.Combine(directory.Path, "exported")
        );
        await MeasureAsync("repair, nothing is damaged", state, 1, "archive", "repair", archive);
        var (full, blobs) = (Kinds(archive), 0L);
        for (var prune = 1; Wants("prune") && Kinds(archive).Sum(kind => kind.Value.Blobs) is var count && count != blobs; prune++)
        {
            blobs = count;
            await MeasureAsync(
                $"prune {prune}, the oldest night of each mailbox goes",
                state,
                1,
                "archive",
                "prune",
                archive,
                "--keep-last",
                $"{nights - 1}",
                "--grace-hours",
                "0"
            );
        }
        await MeasureAsync("check after that", state, 1, "archive", "check", archive);

        Print();
        if (only.Count > 0)
            return;
        Print(
            "A night with 20 changes (10 new messages, 5 flags, 5 deletions)",
            night.Select(kind => (string[])[kind.Key, Size(kind.Value)]),
            "written to",
            "size"
        );
        Print(
            "Merged by prune",
            full.Select(kind => (string[])[kind.Key, $"{kind.Value.Blobs:N0}", $"{Kinds(archive).GetValueOrDefault(kind.Key).Blobs:N0}"]),
            "blobs",
            "before",
            "after"
        );
        await AzureAsync(directory.Path);
    }

    private static void Make(string archive, int mailboxes, int nights, int messagesANight)
    {
        var began = Stopwatch.GetTimestamp();
        var synthetic = new SyntheticArchive(
            mailboxes,
            nights,
            messagesANight,
            UnmergedNights,
            (name, bytes) => Put(Path.Combine(archive, name), bytes)
        );
        synthetic.Write((name, bytes) => Put(Path.Combine(archive, ".side", name), bytes), DateTimeOffset.UtcNow.AddDays(-1));
        var kinds = Kinds(archive);
        var (messages, seconds) = (synthetic.Messages, Stopwatch.GetElapsedTime(began).TotalSeconds);
        var (files, size) = (kinds.Sum(kind => kind.Value.Blobs), Size(kinds.Sum(kind => kind.Value.Bytes)));
        var stored = FormattableString.Invariant($"{files:N0} files, {size}; {Environment.ProcessorCount} cores");
        Console.WriteLine(
            FormattableString.Invariant(
                $"{mailboxes:N0} mailboxes, {nights:N0} nights, {messages:N0} messages; {stored}. Made in {seconds:0} s."
            )
        );
    }

    private static void Put(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Against Azurite, an archive with as many nights but fewer mailboxes: what a run asks for grows with neither.</summary>
    private async Task AzureAsync(string directory)
    {
        await using var azurite = await AzuriteServer.StartAsync();
        var (store, controlStore) = (
            new BlobContainerClient(azurite.ConnectionString, "archive", AzureVersion),
            new BlobContainerClient(azurite.ConnectionString, "archive-control-store", AzureVersion)
        );
        await store.CreateAsync();
        await controlStore.CreateAsync();
        new SyntheticArchive(
            AzureMailboxes,
            nights,
            10,
            UnmergedNights,
            (name, bytes) => store.GetBlobClient(name).Upload(BinaryData.FromBytes(bytes))
        ).Write((name, bytes) => controlStore.GetBlobClient(name).Upload(BinaryData.FromBytes(bytes)), DateTimeOffset.UtcNow.AddDays(-1));
        Environment.SetEnvironmentVariable("BENCH_CONNECTION", azurite.ConnectionString);
        var job = await JobAsync(directory, "\"location\": \"archive\", \"connectionString\": \"env:BENCH_CONNECTION\"");
        var state = Path.Combine(directory, "azure");
        var rows = new List<string[]>();
        foreach (var what in new[] { "first", "nothing new", "20 changes", "nothing new" })
        {
            if (what == "20 changes")
                await ChangeAsync();
            var before = azurite.Requests("archive", "archive-control-store").Count;
            var (usage, _) = await TimedAsync(state, "run", job);
            var logged = azurite.Requests("archive", "archive-control-store").Count - before;
            var (_, output) = await TimedAsync(state, "archive", "stats", job, "--json");
            var requests = JsonDocument
                .Parse(output.Split('\n').Single(line => line.Contains("archiveStats", StringComparison.Ordinal)))
                .RootElement.GetProperty("report")
                .GetProperty("requests");
            rows.Add([
                $"run, {what}",
                $"{logged}",
                .. new[] { "reads", "writes", "lists", "deletes" }.Select(kind => requests.GetProperty(kind).ToString()),
                $"{usage.Time.TotalSeconds:0.00} s",
            ]);
        }
        Print(
            $"Azurite, {AzureMailboxes} mailboxes with {nights} nights each behind it; "
                + "requests by Azurite's own log, and as Migrator counts them",
            rows,
            "command",
            "requests",
            "reads",
            "writes",
            "listings",
            "deletes",
            "time"
        );
    }

    private static BlobClientOptions AzureVersion => new(BlobClientOptions.ServiceVersion.V2024_11_04);

    private int _changed;

    private async Task ChangeAsync()
    {
        await using var imap = await server.LogInAsync(User);
        for (var number = 0; number < 10; number++)
            await imap.AppendAsync(
                "INBOX",
                System.Text.Encoding.ASCII.GetBytes($"Subject: Change {++_changed}\r\n\r\nNew.\r\n"),
                "",
                DateTimeOffset.UtcNow
            );
        await imap.StoreAsync("INBOX", $"{100 * _changed}:{(100 * _changed) + 4}", "+FLAGS (\\Flagged)");
        await imap.DeleteAsync("INBOX", $"{50 * _changed}:{(50 * _changed) + 4}");
    }

    private Task<string> JobAsync(string directory, string archive) =>
        MigratorRun.WriteBackupJobAsync(Directory.CreateDirectory(directory).FullName, server, User, archive);

    private bool Wants(string what) => only.Count == 0 || only.Any(asked => what.StartsWith(asked, StringComparison.Ordinal));

    private async Task MeasureAsync(string what, string state, int times, params string[] arguments)
    {
        if (!Wants(what))
            return;
        var measured = new List<Usage>();
        for (var round = 0; round < times; round++)
        {
            measured.Add((await TimedAsync(state, arguments)).Usage);
        }
        _rows.Add([
            what,
            FormattableString.Invariant($"{Statistics.Median(measured.Select(one => one.Time.TotalSeconds)):0.00} s"),
            FormattableString.Invariant($"{measured.Max(one => one.Peak) / 1e6:0} MB"),
            FormattableString.Invariant($"{measured.Max(one => one.Private) / 1e6:0} MB"),
        ]);
        Console.WriteLine(string.Join("; ", _rows[^1]));
    }

    private static async Task<(Usage Usage, string Output)> TimedAsync(string state, params string[] arguments)
    {
        var output = Path.GetTempFileName();
        var program = Tests.Worker.MigratorProgram.Command;
        var usage = await Timed.RunAsync(program[0], [.. program.Skip(1), .. arguments, "--state", state], output);
        var text = await File.ReadAllTextAsync(output);
        File.Delete(output);
        return (usage, text);
    }

    private static Dictionary<string, (long Blobs, long Bytes)> Kinds(string archive) =>
        new DirectoryInfo(archive)
            .EnumerateDirectories()
            .Where(kind => kind.Name[0] != '.')
            .ToDictionary(
                kind => kind.Name,
                kind =>
                    kind.EnumerateFiles("*", SearchOption.AllDirectories)
                        .Aggregate((Blobs: 0L, Bytes: 0L), (sum, file) => (sum.Blobs + 1, sum.Bytes + file.Length))
            );

    private void Print() => Print("Commands, each in a process of its own", _rows, "command", "time", "peak memory", "of it its own");

    private static void Print(string title, IEnumerable<string[]> rows, params string[] columns)
    {
        Console.WriteLine();
        Console.WriteLine($"{title}:");
        Console.WriteLine();
        Console.WriteLine($"| {string.Join(" | ", columns)} |");
        Console.WriteLine($"|{string.Concat(columns.Select((_, place) => place == 0 ? "---|" : "---:|"))}");
        foreach (var row in rows)
            Console.WriteLine($"| {string.Join(" | ", row)} |");
    }

    private static string Size(long bytes) =>
        bytes >= 1_000_000 ? FormattableString.Invariant($"{bytes / 1e6:N0} MB") : FormattableString.Invariant($"{bytes / 1e3:N1} KB");
}
