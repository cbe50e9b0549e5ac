using System.Globalization;
using System.Text;
using System.Text.Json;
using Migrator.Tests.Files;

namespace Migrator.Tests.Jobs;

/// <summary>A jobs directory as nobody would want it: hundreds of files that are not job files, almost job files, or no files, made from
/// one seed, so that what failed once fails again.</summary>
internal sealed class HostileFiles(string directory, int seed)
{
    private static readonly string[] s_pieces =
    [
        "\0",
        "\u001b[2J",
        "\uFEFF",
        "\"",
        "'",
        "\\",
        "\\ud83d",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "//",
        "/*",
        "null",
        "true",
        "-0",
        "1e999",
        "99999999999999999999",
        "NaN",
        "0x7f",
        "\r",
        "\n\n",
        "\t",
        " ",
        "ß",
        "$",
        "..",
        "{name}",
        "\"source\": {}",
        "\"source\": null",
        "\"mailboxes\": \"/dev/zero\"",
        "\"mailboxes\": \".\"",
        "\"mailboxes\": [{}]",
        "\"mailboxes\": [null, 7, \"\", {\"name\": {}}]",
        "\"mailboxes\": [\"a\", {\"name\":\"b\",\"Display name\":\"B\"}]",
        "\"folders\": {\"include\": [7]}",
        "\"folders\": {\"rename\": {\"\": \"\"}}",
        "\"schedule\": {\"cron\": \"* * * * * * *\"}",
        "\"schedule\": {\"cron\": \"1-/5 31W7 * * *\"}",
        "\"schedule\": {\"every\": \"99999999d\"}",
        "\"schedule\": {\"timeZone\": \"../../etc/passwd\", \"every\": \"1h\"}",
        "\"schedule\": {\"at\": \"9999-12-31T23:59\"}",
        "\"notify\": {\"mail\": [\"@\"]}",
        "\"archive\": {\"location\": \"https://\"}",
        "\"archive\": {\"location\": \"a\\u0000b\", \"keyFile\": \"a\\u0000b\"}",
        "\"spoolLimit\": \"999999999999 GiB\"",
        "\"kind\": \"backup\"",
        "\"maxConcurrency\": 1e3",
        "\"maxConcurrency\": -1",
        "\"\": 1",
        "\"a.b[0]\": 1",
        "\"source user\": 1",
    ];

    private static readonly string[] s_columns =
    [
        "source user",
        "Display name",
        "e-mail",
        "Straße",
        "",
        "\"",
        "a\0b",
        "source",
        "source.",
        ".user",
        "source..user",
        "source.user.name",
        "source[user]",
        "$",
        "name",
        "allowSharedTarget",
        string.Join('.', Enumerable.Repeat("a", 3000)),
        new string('x', 100_000),
    ];

    private readonly Random _random = new(seed);

    /// <summary>Paths of files that must be reported.</summary>
    public List<string> Bad { get; } = [];

    /// <summary>Writes all of them. What they hold may by chance be sound; then it is a job.</summary>
    public HostileFiles Write(int mutants)
    {
        for (var number = 0; number < mutants; number++)
        {
            File.WriteAllBytes(PathOf($"mutant-{number:000}.json"), Mutated(Encoding.UTF8.GetBytes(Job($"mutant{number}"))));
            WriteList(
                $"listed-{number:000}",
                Mutated(Encoding.UTF8.GetBytes("name,source.user,target.user,source.port\nann,ann,ann,\n\"b,ob\",bob,bob,993\n"))
            );
        }
        foreach (var (number, column) in s_columns.Index())
            WriteList(Told($"column-{number}"), Encoding.UTF8.GetBytes($"name,{column},target.user,name2\nann,x,y,z\nbob,x,y,z\n"));
        foreach (var (name, content) in Texts())
            File.WriteAllText(PathOf(Told(name) + ".json"), content);
        foreach (var (name, content) in Bytes())
            File.WriteAllBytes(PathOf(Told(name) + ".json"), content);
        WriteList(Told("long-line"), Encoding.UTF8.GetBytes($"name,source.user,target.user\nann,{new string('x', 50 << 20)}"));
        WriteList(Told("nul-list"), [0, 0, 0]);
        File.WriteAllText(PathOf(Told("list-is-a-pipe") + ".json"), Listed(MakePipe("list.fifo")));
        File.WriteAllText(PathOf(Told("list-is-a-device") + ".json"), Listed("/dev/zero"));
        File.WriteAllText(PathOf(Told("list-is-a-directory") + ".json"), Listed("."));
        MakePipe(Told("pipe") + ".json");
        Directory.CreateDirectory(PathOf(Told("directory") + ".json"));
        File.CreateSymbolicLink(PathOf(Told("dangling") + ".json"), PathOf("nowhere"));
        File.CreateSymbolicLink(PathOf(Told("device") + ".json"), "/dev/zero");
        File.CreateSymbolicLink(PathOf(Told("full-device") + ".json"), "/dev/full");
        File.CreateSymbolicLink(PathOf(Told("leads-out") + ".json"), "/etc/passwd");
        OddFile.Make(OddFile.Huge, PathOf(Told("huge") + ".json"));
        OddFile.Make(OddFile.Huge, PathOf("huge.csv"));
        File.WriteAllText(PathOf(Told("list-is-huge") + ".json"), Listed("huge.csv"));
        File.CreateSymbolicLink(PathOf(Told("loop") + ".json"), PathOf("loop.json"));
        File.WriteAllText(PathOf(Told("unreadable") + ".json"), "{ \"source\": ");
        File.SetUnixFileMode(PathOf("unreadable.json"), UnixFileMode.None);
        return this;
    }

    /// <summary>A job file of one mailbox, without an error.</summary>
    public static string Job(string name) =>
        JsonSerializer.Serialize(
            new
            {
                name,
                source = new
                {
                    host = "imap.old.example",
                    user = $"{name}@old.example",
                    password = "env:OLD",
                },
                target = new
                {
                    host = "imap.new.example",
                    user = $"{name}@new.example",
                    password = "env:NEW",
                },
                schedule = new { cron = "0 2 * * *", timeZone = "Europe/Berlin" },
            },
            s_readable
        );

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true };

    private static IEnumerable<(string Name, string Content)> Texts()
    {
        yield return ("empty", "");
        yield return ("blank", " \n ");
        yield return ("null", "null");
        yield return ("number", "7");
        yield return ("deep", new string('[', 100_000));
        yield return ("deep-in-a-job", Job("deep").Replace("\"imap.old.example\"", new string('[', 60) + new string(']', 60)));
        yield return ("twice", Job("twice").Replace("\"source\"", "\"source\": {}, \"source\""));
        yield return ("twice-in-a-row", Job("rows").Replace("\"name\": \"rows\"", "\"mailboxes\": [{ \"name\": \"a\", \"name\": \"b\" }]"));
        yield return ("huge-number", Job("huge").Replace("\"source\": {", "\"source\": { \"port\": 1" + new string('0', 5000) + ","));
        yield return ("half-a-character", Job("half").Replace("half@", "\\ud83d@"));
        yield return (
            "column-in-a-row",
            "{\"mailboxes\":[{\"name\":\"ann\",\"Display name\":\"Ann\"}],"
                + "\"source\":{\"host\":\"a.example\",\"user\":\"{name}\",\"password\":\"env:A\"},"
                + "\"target\":{\"host\":\"b.example\",\"user\":\"{name}\",\"password\":\"env:B\"}}"
        );
        yield return ("nul-in-a-path", "{\"mailboxes\":\"a\\u0000b\",\"source\":{},\"target\":{}}");
        yield return (
            "nul-in-a-key-file",
            "{\"kind\":\"backup\",\"source\":{\"host\":\"a.example\",\"user\":\"a\",\"password\":\"env:A\"},"
                + "\"archive\":{\"location\":\"a\\u0000b\",\"keyFile\":\"a\\u0000b\"}}"
        );
        yield return (
            "long-glob",
            Job("glob").Replace("\"schedule\"", "\"folders\":{\"include\":[\"" + new string('*', 100_000) + "\"]}, \"schedule\"")
        );
        yield return ("long-line", "{ \"name\": \"" + new string('x', 50 << 20) + "\" }");
        yield return ("long-list", "[" + string.Concat(Enumerable.Repeat("1,", 5_000_000)) + "1]");
        yield return (
            "long-name-before-a-list",
            $"{{\"{new string('x', 1 << 20)}\": [{string.Concat(Enumerable.Repeat("1,", 1_000_000))}1]}}"
        );
    }

    private static IEnumerable<(string Name, byte[] Content)> Bytes()
    {
        yield return ("nuls", new byte[5000]);
        yield return ("latin", [.. Encoding.UTF8.GetBytes("{ \"name\": \""), 0xE4, .. Encoding.UTF8.GetBytes("\" }")]);
        yield return ("cut-in-a-character", [.. Encoding.UTF8.GetBytes("{ \"name\": \""), 0xF0, 0x9F]);
        yield return ("wide", Encoding.UTF32.GetBytes("{ \"name\": "));
        yield return ("zip", [0x50, 0x4B, 3, 4, .. new byte[100]]);
    }

    public static string Listed(string list) =>
        $$$"""
            { "mailboxes": {{{JsonSerializer.Serialize(list)}}},
              "source": { "host": "imap.old.example", "user": "{name}@old.example", "password": "env:OLD" },
              "target": { "host": "imap.new.example", "password": "env:NEW" } }
            """;

    private void WriteList(string name, byte[] list)
    {
        File.WriteAllBytes(PathOf(name + ".csv"), list);
        File.WriteAllText(PathOf(name + ".json"), Listed(name + ".csv"));
    }

    /// <summary>A few bytes are left out, repeated, turned over or replaced by what means something to a reader of JSON or CSV.</summary>
    private byte[] Mutated(byte[] content)
    {
        for (var times = _random.Next(1, 5); times > 0; times--)
        {
            var at = _random.Next(content.Length + 1);
            var rest = content[Math.Min(content.Length, at + _random.Next(4))..];
            content = _random.Next(4) switch
            {
                0 => [.. content[..at], .. rest],
                1 => [.. content[..at], (byte)_random.Next(256), .. rest],
                2 => [.. content[..at], .. content[at..], .. rest],
                _ => [.. content[..at], .. Encoding.UTF8.GetBytes(s_pieces[_random.Next(s_pieces.Length)]), .. rest],
            };
        }
        return content;
    }

    private string Told(string name)
    {
        Bad.Add(PathOf(name + ".json"));
        return name;
    }

    private string MakePipe(string name)
    {
        System.Diagnostics.Process.Start("mkfifo", [PathOf(name)]).WaitForExit();
        return name;
    }

    private string PathOf(string name) => string.Create(CultureInfo.InvariantCulture, $"{directory}/{name}");
}
