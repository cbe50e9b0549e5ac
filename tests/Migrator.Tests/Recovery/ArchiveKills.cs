using System.Diagnostics;
using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Secrets;
using Migrator.Mail.Imap;
using Migrator.Storage.Blobs.Files;
using Migrator.Tests.Archives;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;

namespace Migrator.Tests.Recovery;

/// <summary>Kills backups, prunes with their merges, and repairs of one archive at random moments, alone and side by side, and looks after
/// each few kills whether the archive is sound and every snapshot that is kept holds exactly what the mailbox held when it was
/// written.</summary>
/// <param name="directory">Holds the archive and the state; empty.</param>
/// <param name="seed">Decides everything that is not a matter of timing.</param>
/// <param name="say">Receives what was done.</param>
internal sealed class ArchiveKills(DovecotServer server, string directory, int seed, Action<string> say)
{
    private const int Mailboxes = 3,
        Kept = 4,
        LooksAfter = 10,
        MostKilledRepairs = 3;

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, string> _jobs = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _now = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _pictures = [];
    private readonly Dictionary<string, double> _lasts = [];
    private readonly Dictionary<string, int> _kills = [];
    private int _letters;

    private string ArchivePath => Path.Combine(directory, "archive");

    public int Kills => _kills.Values.Sum();

    /// <summary>Kills by what was killed.</summary>
    public IReadOnlyDictionary<string, int> ByCommand => _kills;

    public int SnapshotsCompared { get; private set; }

    /// <exception cref="InvalidOperationException">Something was lost, altered or is not sound; the message says what, and after which
    /// kill.</exception>
    public async Task RunAsync(int kills, CancellationToken stop)
    {
        await BeginAsync(stop);
        for (var looked = 0; Kills < kills || looked < Kills; )
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                await (_random.Next(8) == 0 ? RepairAsync(stop) : RunSomeAsync(stop));
                if (Kills - looked < LooksAfter && Kills < kills)
                    continue;
                looked = Kills;
                await LookAsync(stop);
                say($"{Kills:N0} kills: sound, {SnapshotsCompared:N0} snapshots compared");
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new InvalidOperationException($"After kill {Kills} (seed {seed}, {directory}): {exception.Message}", exception);
            }
        }
        foreach (var job in _jobs.Values)
        {
            await ToTheEndAsync("run", job);
            await ToTheEndAsync("verify", job);
        }
        await RecordAsync(stop);
        await LookAsync(stop);
    }

    private async Task BeginAsync(CancellationToken stop)
    {
        for (var number = 0; number < Mailboxes; number++)
        {
            var (user, job) = (DovecotServer.NewUser("killed"), Path.Combine(directory, $"job{number}.json"));
            await File.WriteAllTextAsync(
                job,
                $$"""
                {
                  "kind": "backup",
                  "source": { "host": "localhost", "port": {{server.ImapPort}}, "tls": "none",
                      "user": "{{user}}", "password": "env:MIGRATOR_SOURCE_PASSWORD" },
                  "archive": { "location": "archive" }
                }
                """,
                stop
            );
            _jobs.Add(user, job);
            await using (var imap = await server.LogInAsync(user))
            {
                await imap.CreateAsync("Work");
                for (var letter = 0; letter < 15; letter++)
                    await imap.AppendAsync(letter % 2 == 0 ? "INBOX" : "Work", Letter());
            }
            if (number == 0)
                await ToTheEndAsync("archive", "init", ArchivePath);
            await NowAsync(user, stop);
            await ToTheEndAsync("run", job);
        }
        await RecordAsync(stop);
    }

    /// <summary>One backup or two, or one with a prune beside it, or a prune alone; at least one of them is killed.</summary>
    private async Task RunSomeAsync(CancellationToken stop)
    {
        var users = _jobs.Keys.OrderBy(_ => _random.Next()).Take(_random.Next(3)).ToList();
        foreach (var user in users)
        {
            await ChangeAsync(user);
            await NowAsync(user, stop);
        }
        List<string[]> commands = [.. users.Select(user => (string[])["run", _jobs[user]])];
        if (users.Count < 2)
            commands.Add(["archive", "prune", ArchivePath, "--keep-last", $"{Kept}", "--grace-hours", "0"]);
        var before = await NamesAsync(stop);
        var first = _random.Next(commands.Count);
        await Task.WhenAll(commands.Select((command, number) => RunOneAsync(command, isKilled: number == first || _random.Next(2) == 0)));
        // A backup beside a prune may add one, and a prune keeps the newest.
        foreach (var mailbox in before)
        {
            var there = (await NamesAsync(stop)).GetValueOrDefault(mailbox.Key, []);
            if (
                mailbox
                    .Value.Where(name => name.State != SnapshotState.InProgress)
                    .TakeLast(Kept - 1)
                    .FirstOrDefault(name => !there.Contains(name)) is
                { } lost
            )
                throw new InvalidOperationException($"{lost.Name} is gone.");
        }
        await RecordAsync(stop);
    }

    /// <summary>Damages what can be mended, and repairs it; the repair is killed now and then.</summary>
    private async Task RepairAsync(CancellationToken stop)
    {
        // A repair keeps the snapshots that there are: what they must hold is noted first.
        await RecordAsync(stop);
        await DamageAsync(stop);
        string[] repair = ["archive", "repair", _jobs.Values.First()];
        for (var killed = _random.Next(MostKilledRepairs + 1); killed > 0; killed--)
            await RunOneAsync(repair, isKilled: true);
        await ToTheEndAsync(repair);
        await LookAsync(stop);
    }

    private async Task DamageAsync(CancellationToken stop)
    {
        var isIndex = _random.Next(2) == 0;
        var files = Directory
            .GetFiles(Path.Combine(ArchivePath, isIndex ? "index" : "packs"), "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .ToList();
        var file = files[_random.Next(files.Count)];
        if (isIndex)
        {
            File.Delete(file);
            return;
        }
        var bytes = await File.ReadAllBytesAsync(file, stop);
        // In the trailer: what lies before it is whole.
        bytes[^(1 + _random.Next(50))] ^= 0x55;
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllBytesAsync(file, bytes, stop);
    }

    private async Task RunOneAsync(string[] command, bool isKilled)
    {
        var (what, began) = (command[0] == "archive" ? command[1] : "backup", Stopwatch.GetTimestamp());
        using var process = MigratorProcess.Start(directory, command);
        if (isKilled)
        {
            // Later than it usually lasts, now and then: it ends first, and that tells how long it lasts.
            TimeSpan delay;
            lock (_kills)
                delay = TimeSpan.FromSeconds(_random.NextDouble() * 1.2 * _lasts.GetValueOrDefault(what, 1.5));
            if (await Task.WhenAny(process.EndAsync(), Task.Delay(delay)) is not Task<(int, string, string)>)
            {
                process.Kill();
                await process.EndAsync();
                lock (_kills)
                    _kills[what] = _kills.GetValueOrDefault(what) + 1;
                return;
            }
        }
        var (code, output, errors) = await process.EndAsync();
        lock (_kills)
            _lasts[what] = Stopwatch.GetElapsedTime(began).TotalSeconds;
        // A backup after damage may have to say something.
        if (code != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {code}: {output}{errors}");
    }

    private async Task ToTheEndAsync(params string[] command)
    {
        var (code, output, errors) = await MigratorProcess.RunAsync(directory, command);
        if (code != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {code}: {output}{errors}");
    }

    private async Task ChangeAsync(string user)
    {
        await using var imap = await server.LogInAsync(user);
        for (var changes = 2 + _random.Next(5); changes > 0; changes--)
        {
            var folder = _random.Next(2) == 0 ? "INBOX" : "Work";
            await imap.AppendAsync(folder, Letter());
            var uid = 1 + _random.Next(100);
            if (_random.Next(3) == 0)
                await imap.StoreAsync(folder, $"{uid}:{uid + 5}", "+FLAGS (\\Flagged)");
            if (_random.Next(3) == 0)
                await imap.DeleteAsync(folder, $"{uid}:{uid + 1}");
        }
    }

    // Some alike, some large.
    private byte[] Letter() =>
        Encoding.ASCII.GetBytes(
            $"Subject: {++_letters % 40}\r\n\r\n{new string((char)('a' + (_letters % 26)), _letters % 17 == 0 ? 200_000 : 500)}\r\n"
        );

    private async Task NowAsync(string user, CancellationToken stop)
    {
        var account = new MailServer(
            "localhost",
            server.ImapPort,
            TlsMode.None,
            user,
            new SecretReference(SecretSource.Env, "UNUSED"),
            AuthMethod.Auto,
            new CertificateTrust(null, null)
        );
        await using var source = await new ImapConnector(account, DovecotServer.Password).OpenSourceAsync(stop);
        _now[account.Account] = await MailboxImage.TakeAsync(source, stop);
    }

    private async Task<Archive> OpenAsync(CancellationToken stop) =>
        await Archive.OpenAsync(
            new FileBlobStore(ArchivePath, TimeProvider.System),
            new FileBlobStore(Path.Combine(ArchivePath, ".side"), TimeProvider.System),
            null,
            TimeProvider.System,
            stop
        );

    /// <summary>By account, in order.</summary>
    private async Task<Dictionary<string, List<SnapshotName>>> NamesAsync(CancellationToken stop)
    {
        var (archive, names) = (await OpenAsync(stop), new Dictionary<string, List<SnapshotName>>());
        foreach (var account in _now.Keys)
            names[account] = [.. await archive.SnapshotsAsync(account, stop)];
        return names;
    }

    /// <summary>What complete snapshots that are new must hold: the mailbox has not changed since its run began.</summary>
    private async Task RecordAsync(CancellationToken stop)
    {
        foreach (var (account, names) in await NamesAsync(stop))
        {
            foreach (var name in names.Where(name => name.State == SnapshotState.Complete))
                _pictures.TryAdd(name.Name, _now[account]);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        await ToTheEndAsync("archive", "check", ArchivePath, "--read-data");
        var archive = await OpenAsync(stop);
        foreach (var (_, names) in await NamesAsync(stop))
        {
            foreach (var name in names.Where(name => name.State == SnapshotState.Complete))
            {
                var sessions = await ArchiveSource.SessionsAsync(archive, await archive.ReadAsync(name, stop), stop);
                await using var session = await sessions(stop);
                MailboxImage.ShouldEqual(_pictures[name.Name], await MailboxImage.TakeAsync(session, stop));
                SnapshotsCompared++;
            }
        }
    }
}
