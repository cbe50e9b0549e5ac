using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Tests.Fuzzing;

/// <summary>Job files.</summary>
internal sealed class JobFileTarget : FuzzTarget
{
    private const string Migrate = """
        {
          "name": "ann", // a comment
          "kind": "migrate",
          "source": {
            "protocol": "imap", "host": "imap.old.example", "port": 1143, "tls": "starttls", "user": "ann@old.example",
            "password": "env:OLD_PASSWORD", "auth": "scram-sha-256", "certificate": { "caFile": "ca.pem" }
          },
          "target": { "host": "imap.new.example", "user": "ann", "password": "file:secrets/ann.txt" },
          "folders": {
            "include": ["**"], "exclude": ["Trash", "Trash/**"], "rename": { "Old/Path": "New/Path" }, "specialUse": "name",
            "namespaces": ["private", "public"],
          },
          "connections": 5, "spoolLimit": "64 MiB",
          "schedule": { "cron": "0 2 * * *", "timeZone": "Europe/Berlin" }
        }
        """;

    private const string Backup = """
        {
          "kind": "backup",
          "mailboxes": [{ "name": "ann", "source.user": "a" }, { "name": "bob", "source": { "user": "b" } }],
          "source": {
            "host": "imap.old.example", "user": "{name}@old.example", "password": "env:OLD",
            "limits": { "messagesPerSecond": 4, "bytesPerSecond": "500 KiB", "downloadPerDay": "2 GiB",
              "host": { "messagesPerSecond": 40 } }
          },
          "archive": { "location": "/archives/a", "keyFile": "key" },
          "schedule": { "cron": "*/5 1-3 * * MON", "timeZone": "UTC", "window": "22:00-06:00" },
          "notify": { "mail": ["a@example.org"], "webhooks": ["env:HOOK"], "on": ["failure"] }
        }
        """;

    private const string Pop3 = """
        {
          "source": { "protocol": "pop3", "host": "pop.old.example", "user": "ann", "password": "env:OLD" },
          "target": { "host": "imap.new.example", "user": "ann", "password": "env:NEW", "provider": "gmail" },
          "markAs": "read",
          "deleteAtSourceAfterDays": 30
        }
        """;

    public override string Name => "job-file";

    public override IReadOnlyList<byte[]> Inputs { get; } = [.. new[] { Migrate, Backup, Pop3 }.Select(Encoding.UTF8.GetBytes)];

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "null",
        "true",
        "1e999",
        "-0",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud83d\"",
        "/*",
        "//",
        "{name}",
        "\"name\": ",
        "\"mailboxes\": ",
        "\"source\": {}, ",
        "\"kind\": \"restore\", ",
        "\"kind\": \"upkeep\", ",
        "\"provider\": \"gmail\", ",
        "\"auth\": {\"kind\": \"oauth\"}, ",
        "\"99999999999999999999 TiB\"",
        "\"* * * * *\"",
        "\"@every\"",
        "\"24:00\"",
        "\u00ff",
        "\u00ed\u00a0\u0080",
    ];

    public override Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        // As bytes that are no UTF-8 are read.
        var text = Encoding.UTF8.GetString(input);
        WasRead = false;
        try
        {
            JobFile.Parse(text, Path.Combine(Path.GetTempPath(), "no-such-directory", "nightly.json"));
            WasRead = true;
        }
        catch (ConfigurationException exception)
        {
            Refusal = string.Join("; ", exception.Errors);
            _ = JobFile.Located(text, exception.Errors);
        }
        return Task.CompletedTask;
    }
}
