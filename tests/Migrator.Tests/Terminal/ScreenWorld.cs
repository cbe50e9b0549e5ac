using System.Globalization;
using System.Text;
using Migrator.Tests.Identity;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;

namespace Migrator.Tests.Terminal;

/// <summary>What the commands of a session find: people with mail on real servers, a directory with settings and jobs, and the program as
/// it is installed: by its name, on the path.</summary>
internal sealed class ScreenWorld : IAsyncDisposable
{
    /// <summary>As wide as every <see cref="Directory"/>.</summary>
    public const string ShownDirectory = "/home/ann/mail";

    public const string ShownSuffix = "-000";

    private const int LargestMessage = 20_000;

    private readonly DirectoryInfo _home;
    private readonly DovecotServer _old;
    private readonly DovecotServer _new;
    private readonly DovecotServer _small;
    private readonly TokenAuthority _tokens;
    private readonly DnsServer _dns = DnsServer.Start();

    private ScreenWorld(
        DirectoryInfo home,
        string suffix,
        DovecotServer old,
        DovecotServer @new,
        DovecotServer small,
        TokenAuthority tokens
    )
    {
        (_home, Suffix, _old, _new, _small, _tokens) = (home, suffix, old, @new, small, tokens);
        // A person who enters each code at once.
        (_tokens.EntersCodes, _tokens.Person) = (true, $"ann{suffix}");
        Replaced = Ports(old, 1)
            .Concat(Ports(@new, 2))
            .Concat(Ports(small, 3))
            .Append(($"{_dns.EndPoint.Port}", "40053"))
            .Append((Text(_tokens.Address.Port), "40443"))
            .ToList();
        Values = new Dictionary<string, string>
        {
            ["ann"] = $"ann{suffix}",
            ["bob"] = $"bob{suffix}",
            ["tom"] = $"tom{suffix}",
            ["old"] = $"imaps://ann{suffix}@localhost:{old.ImapsPort}?ca=old.pem",
            ["new"] = $"imaps://ann{suffix}@localhost:{@new.ImapsPort}?ca=new.pem",
            ["nobody"] = $"imaps://ann{suffix}@localhost:1?ca=new.pem",
            ["untrusted"] = $"imaps://ann{suffix}@localhost:{@new.ImapsPort}",
            ["directory"] = home.FullName,
        };
    }

    public string Directory => _home.FullName;

    /// <summary>Of the names of people: each session has its own.</summary>
    public string Suffix { get; }

    /// <summary>What is different in every run, and what is shown in its place.</summary>
    public IReadOnlyList<(string Value, string Shown)> Replaced { get; }

    /// <summary>What stands in command lines in braces.</summary>
    public Dictionary<string, string> Values { get; }

    public Dictionary<string, string> Environment =>
        new()
        {
            ["HOME"] = Directory,
            ["PATH"] = $"{Path.Combine(Directory, "bin")}:{System.Environment.GetEnvironmentVariable("PATH")}",
            ["LANG"] = "C.UTF-8",
            ["TZ"] = "UTC",
            ["MIGRATOR_SETTINGS"] = Path.Combine(Directory, "settings"),
            ["MIGRATOR_SOURCE_PASSWORD"] = DovecotServer.Password,
            ["MIGRATOR_TARGET_PASSWORD"] = DovecotServer.Password,
            ["MAIL_PASSWORD"] = DovecotServer.Password,
            ["WRONG_PASSWORD"] = "guessed",
            ["SOURCE_DATE_EPOCH"] = "1772633353",
            ["SSL_CERT_FILE"] = _tokens.AuthorityFile,
        };

    /// <param name="small">A target that takes no large messages.</param>
    public static async Task<ScreenWorld> CreateAsync(int width, DovecotFixture servers, DovecotServer small)
    {
        var home = Home();
        var world = new ScreenWorld(home, $"-{width:000}", servers.Old, servers.New, small, await TokenAuthority.StartAsync());
        await world.FillAsync();
        world.WriteProgram();
        world.WriteFiles();
        return world;
    }

    public static Task<DovecotServer> StartSmallServerAsync() =>
        DovecotServer.StartAsync(new DovecotOptions(MaxMailSize: LargestMessage, AnnounceAppendLimit: true));

    public string At(string path) => Path.Combine(Directory, path);

    public void Write(string path, string text)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }

    /// <summary>Does a command that nobody looks at.</summary>
    /// <returns>Its output.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await MigratorProcess.RunWithAsync(Environment, At("state"), arguments);
        return code is 0 or 1 ? output : throw new InvalidOperationException($"{string.Join(' ', arguments)}: {code}: {errors}");
    }

    public Task<RawImap> OldAsync(string person) => _old.LogInAsync($"{person}{Suffix}");

    public Task<RawImap> NewAsync(string person) => _new.LogInAsync($"{person}{Suffix}");

    public async ValueTask DisposeAsync()
    {
        await _dns.DisposeAsync();
        await _tokens.DisposeAsync();
        _home.Delete(recursive: true);
    }

    // Always as wide as what is shown in its place, wherever temporary files are elsewhere.
    private static DirectoryInfo Home()
    {
        while (true)
        {
            var path = $"/tmp/mgr{Guid.NewGuid().ToString("n")[..6]}";
            if (!Path.Exists(path))
                return System.IO.Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task FillAsync()
    {
        await using (var ann = await OldAsync("ann"))
        {
            await Letters.FillAsync(ann, "INBOX", 0, 12, 900);
            foreach (var (folder, count) in new[] { ("Sent", 4), ("Trash", 1), ("Clients/Northern Lights Trading/Invoices 2025", 3) })
            {
                await ann.CreateAsync(folder);
                await Letters.FillAsync(ann, folder, 20 + folder.Length, count, 400);
            }
            await ann.AppendAsync("INBOX", Invoice(), "\\Flagged", DateTimeOffset.UnixEpoch.AddDays(20_000));
        }
        foreach (var person in new[] { "bob", "eve", "purchasing.department", "tom" })
        {
            await using var imap = await OldAsync(person);
            await Letters.FillAsync(imap, "INBOX", 100 + person.Length * 50, 4 + person.Length);
        }
        await using var tom = await OldAsync("tom");
        await tom.AppendAsync("INBOX", Letters.Letter(7, 2 * LargestMessage), "", DateTimeOffset.UnixEpoch.AddDays(20_001));
    }

    private static byte[] Invoice() =>
        Encoding.UTF8.GetBytes(
            "From: Northern Lights Trading <accounts@northern-lights.example>\r\nTo: Ann <ann@example.org>\r\n"
                + "Subject: Your invoice 4711 for the delivery of office chairs in November\r\n"
                + "Message-ID: <4711@northern-lights.example>\r\n"
                + "Date: Wed, 5 Nov 2025 10:00:00 +0000\r\n\r\nThank you.\r\n"
        );

    private void WriteProgram()
    {
        Write("bin/migrator", $"#!/bin/sh\nexec {string.Join(' ', MigratorProgram.Command.Select(part => $"'{part}'"))} \"$@\"\n");
        File.SetUnixFileMode(At("bin/migrator"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void WriteFiles()
    {
        _dns.AddService("_imaps._tcp.example.org", "imap.example.org", 993);
        _dns.AddService("_pop3s._tcp.example.org", "pop.example.org", 995);
        _dns.AddExchanger("example.org", "mx1.hoster.example");
        _dns.AddExchanger("old.example", "old-example.mail.protection.outlook.com");
        // As at a hoster, under the hoster's name.
        _dns.AddService("_imaps._tcp.new.example", "localhost", _new.ImapsPort);
        Write("old.pem", _old.Certificate.ExportCertificatePem());
        Write("new.pem", _new.Certificate.ExportCertificatePem());
        Write("small.pem", _small.Certificate.ExportCertificatePem());
        Write("archive.key", "The key file of the archive, as long as a key file has to be.");
        Write("passphrase.txt", "correct horse battery staple");
        Write("other.key", "Another key file, of another archive, just as long as the first.");
        Write(
            "settings/appsettings.json",
            $$"""
            { "StateDirectory": "{{At("state")}}", "JobsDirectory": "{{At("jobs")}}", "Worker": { "MaxConcurrency": 4 },
              "Discovery": { "DnsServers": ["{{_dns.EndPoint}}"] } }
            """
        );
        System.IO.Directory.CreateDirectory(At("jobs"));
        System.IO.Directory.CreateDirectory(At("empty"));
        Write("broken.json", "{\n  \"source\": { \"host\": \"old.example\",\n}\n");
        Write(
            "errors.json",
            """
            {
              "source": { "host": "old.example", "user": "ann", "password": "secret" },
              "target": { "hots": "new.example", "user": "ann", "password": "env:MAIL_PASSWORD" },
              "connections": 1000
            }
            """
        );
        Write("private/ann.json", Private());
        Write("jobs/ann.json", Migration("ann", _new, "new"));
        Write("jobs/tom.json", Migration("tom", _small, "small"));
        Write(
            "jobs/people.csv",
            "name;source.user;target.user;source.password\n"
                + string.Concat(
                    new[] { "bob", "purchasing.department", "tom" }.Select(person =>
                        $"{person}{Suffix};{person}{Suffix};{person}{Suffix};\n"
                    )
                )
                + $"eve{Suffix};eve{Suffix};eve{Suffix};env:WRONG_PASSWORD\n"
                + $"zoe{Suffix};zoe{Suffix};zoe{Suffix};secret\n"
        );
        Write(
            "jobs/team.json",
            $$"""
            {
              "mailboxes": "people.csv", "maxAttempts": 1, "quietTime": "0s",
              "source": {{Server(_old, "old")}}, "password": "env:MAIL_PASSWORD" },
              "target": {{Server(_small, "small")}}, "password": "env:MAIL_PASSWORD" }
            }
            """
        );
        Write(
            "jobs/nightly.json",
            $$"""
            {
              "kind": "backup", "mailboxes": ["ann{{Suffix}}", "bob{{Suffix}}"], "maxAttempts": 1,
              "source": {{Server(_old, "old")}}, "user": "{name}", "password": "env:MAIL_PASSWORD" },
              "archive": { "location": "../archive", "keyFile": "../archive.key" },
              "schedule": { "cron": "0 1 * * *", "timeZone": "UTC", "jitter": "15m" },
              "upkeep": { "restoreTest": { "mailboxes": 5, "messages": 50 }, "check": { "allWithin": "30d" }, "prune": { "keepDaily": 7 } }
            }
            """
        );
    }

    /// <summary>With a login in a browser.</summary>
    private string Private() =>
        $$"""
            {
              "source": {{Server(
                _old,
                "old"
            )}}, "user": "ann{{Suffix}}", "auth": { "type": "oauth", "clientId": "{{TokenAuthority.ClientId}}",
                  "tokenEndpoint": "{{_tokens.TokenEndpoint}}", "deviceEndpoint": "{{_tokens.DeviceEndpoint}}",
                  "revocationEndpoint": "{{_tokens.RevocationEndpoint}}" } },
              "target": {{Server(_new, "new")}}, "user": "ann{{Suffix}}", "password": "env:MAIL_PASSWORD" }
            }
            """;

    private string Migration(string person, DovecotServer target, string certificate) =>
        $$"""
            {
              "quietTime": "0s",
              "source": {{Server(_old, "old")}}, "user": "{{person}}{{Suffix}}", "password": "env:MAIL_PASSWORD" },
              "target": {{Server(target, certificate)}}, "user": "{{person}}{{Suffix}}", "password": "env:MAIL_PASSWORD" }
            }
            """;

    private static string Server(DovecotServer server, string certificate) =>
        $$"""{ "host": "localhost", "port": {{server.ImapsPort}}, "certificate": { "caFile": "../{{certificate}}.pem" }""";

    private static IEnumerable<(string, string)> Ports(DovecotServer server, int number) =>
        new[] { server.ImapPort, server.ImapsPort, server.Pop3Port }.Select((port, index) => (Text(port), $"{number}{index}143"[..5]));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
