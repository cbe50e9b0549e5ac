using System.Diagnostics;
using System.Text;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;

namespace Migrator.Tests.Recovery;

/// <summary>Kills copies, backups and restores at random moments, starts them again until they are complete, and compares what is at the
/// target with the source.</summary>
/// <param name="plain">A target that takes several messages in one APPEND.</param>
/// <param name="pipelined">A target that does not (<see cref="DovecotOptions.Hidden"/>): APPENDs are sent ahead of the answers.</param>
/// <param name="directory">Holds jobs, archives and the state; empty.</param>
/// <param name="seed">Decides everything that is not a matter of timing.</param>
/// <param name="say">Receives what was done.</param>
internal sealed class CopyKills(
    DovecotServer source,
    DovecotServer plain,
    DovecotServer pipelined,
    string directory,
    int seed,
    Action<string> say
)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, double> _lasts = [];
    private readonly Dictionary<string, int> _kills = [];
    private int _jobs,
        _letters,
        _pipelinedAppends;

    /// <summary>Runs of a mailbox that end, with changes in between.</summary>
    public int Cycles { get; init; } = 3;

    /// <summary>Then it is let run to its end.</summary>
    public int MostKillsOfARun { get; init; } = 8;

    public int Kills => _kills.Values.Sum();

    /// <summary>Kills by what was killed.</summary>
    public IReadOnlyDictionary<string, int> ByCommand => _kills;

    public MailboxDamage Damage { get; private set; }

    /// <exception cref="InvalidOperationException">A run did not end with success, or nothing was pipelined.</exception>
    public async Task RunAsync(int kills)
    {
        await using var proxy = new LoopbackProxy(pipelined.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (!fromServer && text.Contains("P1 APPEND", StringComparison.Ordinal))
                    Interlocked.Increment(ref _pipelinedAppends);
            },
        };
        while (Kills < kills)
        {
            await CopyAsync("copy", plain, plain.ImapPort);
            await CopyAsync("pipelined copy", pipelined, proxy.Port);
            await BackUpAsync(_random.Next(2) == 0 ? (plain, plain.ImapPort) : (pipelined, proxy.Port));
        }
        if (_pipelinedAppends == 0)
            throw new InvalidOperationException("No APPEND was pipelined.");
    }

    private async Task CopyAsync(string what, DovecotServer target, int port)
    {
        var (from, to, job) = (await NewMailboxAsync(), DovecotServer.NewUser("copy"), NewPath("json"));
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "source": { "host": "localhost", "port": {{source.ImapPort}}, "tls": "none",
                  "user": "{{from}}", "password": "env:MIGRATOR_SOURCE_PASSWORD" },
              "target": { "host": "localhost", "port": {{port}}, "tls": "none",
                  "user": "{{to}}", "password": "env:MIGRATOR_TARGET_PASSWORD" },
              "quietTime": "1s"
            }
            """
        );
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            if (cycle > 0)
                await ChangeAsync(from);
            await ToTheEndAsync(what, MostKillsOfARun, "run", job);
            await CompareAsync(what, from, target, to);
        }
    }

    /// <summary>A restore waits for ten seconds after it was killed, so it is killed once at most.</summary>
    private async Task BackUpAsync((DovecotServer Server, int Port) target)
    {
        var (from, archive, job) = (await NewMailboxAsync(), NewPath("archive"), NewPath("json"));
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "kind": "backup",
              "source": { "host": "localhost", "port": {{source.ImapPort}}, "tls": "none",
                  "user": "{{from}}", "password": "env:MIGRATOR_SOURCE_PASSWORD" },
              "archive": { "location": "{{archive}}" }
            }
            """
        );
        await ToTheEndAsync("init", 0, "archive", "init", archive);
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            if (cycle > 0)
                await ChangeAsync(from);
            await ToTheEndAsync("backup", MostKillsOfARun, "run", job);
        }
        var to = DovecotServer.NewUser("restored");
        await ToTheEndAsync("restore", 1, "restore", archive, "--to", $"imap://{to}@localhost:{target.Port}?tls=none");
        await CompareAsync("restore", from, target.Server, to);
    }

    /// <summary>Kills it, starts it again, and so on, until it ends first.</summary>
    private async Task ToTheEndAsync(string what, int most, params string[] command)
    {
        for (var killed = 0; ; killed++)
        {
            var began = Stopwatch.GetTimestamp();
            using var process = MigratorProcess.Start(directory, command);
            // Later than it usually lasts, now and then: it ends first, and that tells how long it lasts.
            var delay = TimeSpan.FromSeconds(_random.NextDouble() * 1.2 * _lasts.GetValueOrDefault(what, 1.5));
            if (killed < most && await Task.WhenAny(process.EndAsync(), Task.Delay(delay)) is not Task<(int, string, string)>)
            {
                process.Kill();
                await process.EndAsync();
                _kills[what] = _kills.GetValueOrDefault(what) + 1;
                continue;
            }
            var (code, output, errors) = await process.EndAsync();
            _lasts[what] = Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (code != 0)
                throw new InvalidOperationException(
                    $"After kill {Kills} (seed {seed}, {directory}): {string.Join(' ', command)} ended with {code}: {output}{errors}"
                );
            return;
        }
    }

    private async Task CompareAsync(string what, string from, DovecotServer target, string to)
    {
        var damage = MailboxDamage.Of(await MailboxContent.ReadAsync(source, from), await MailboxContent.ReadAsync(target, to));
        Damage += damage;
        say(
            FormattableString.Invariant($"{Kills:N0} kills: {what} of {from} to {to}: {damage.Compared:N0} messages compared, {damage}")
                + (damage.IsNone ? "" : $"   <-- seed {seed}, {directory}")
        );
    }

    private async Task<string> NewMailboxAsync()
    {
        var user = DovecotServer.NewUser("killed");
        await using var imap = await source.LogInAsync(user);
        await imap.CreateAsync("Work");
        await imap.CreateAsync("Work/Later");
        for (var letters = 150 + _random.Next(150); letters > 0; letters--)
            await AppendAsync(imap);
        return user;
    }

    /// <summary>New mail and other flags. Deletions are not followed by a copy.</summary>
    private async Task ChangeAsync(string user)
    {
        await using var imap = await source.LogInAsync(user);
        for (var letters = 20 + _random.Next(60); letters > 0; letters--)
            await AppendAsync(imap);
        foreach (var folder in s_folders)
        {
            var uid = 1 + _random.Next(40);
            await imap.StoreAsync(folder, $"{uid}:{uid + 9}", $"{(_random.Next(2) == 0 ? '+' : '-')}FLAGS (\\Flagged)");
        }
    }

    private static readonly string[] s_folders = ["INBOX", "Work", "Work/Later"];

    private Task AppendAsync(RawImap imap)
    {
        // Some alike, some large.
        var number = ++_letters % 90;
        var text = new string((char)('a' + (number % 26)), number % 29 == 0 ? 150_000 : 700);
        return imap.AppendAsync(
            s_folders[_random.Next(s_folders.Length)],
            Encoding.ASCII.GetBytes($"Message-ID: <{number}@x>\r\nSubject: {number}\r\n\r\n{text}\r\n"),
            _random.Next(2) == 0 ? "\\Seen" : "",
            DateTimeOffset.UnixEpoch.AddDays(10_000 + number)
        );
    }

    private string NewPath(string extension) => Path.Combine(directory, $"{++_jobs}.{extension}");
}
