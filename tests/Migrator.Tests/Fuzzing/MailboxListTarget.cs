using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.Tests.Fuzzing;

/// <summary>Lists of mailboxes and of their passwords (CSV).</summary>
internal sealed class MailboxListTarget : FuzzTarget
{
    private readonly string _directory = Directory.CreateTempSubdirectory("migrator-fuzz-").FullName;

    public override string Name => "mailbox-list";

    public override IReadOnlyList<byte[]> Inputs { get; } =
    [
        .. new[]
        {
            "name,source.user,target.user,target.password\nann,ann@old,ann@new,env:A\nbob,bob@old,bob@new,env:B\n",
            "sep=;\r\nname;source.port;folders.exclude\r\n\"a;b\";993;\"Trash, Junk\"\r\n# c\r\n\"q\"\"q\";1;x\r\n",
            "ann@old.example:secret\nbob@old.example:with:colon\n",
            "ann@old.example,secret\n\"bob@old.example\",\"with,comma\"\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<string> Tokens { get; } =
    [
        ",",
        ";",
        "\t",
        "\"",
        "\"\"",
        "\r",
        "\r\n",
        "#",
        "sep=",
        "sep=\"\n",
        "\0",
        "\u00ff\u00fe",
        "\u00ef\u00bb\u00bf",
        "name",
        "source.port",
        "a.b.c.d.e.f.g.h.i.j",
    ];

    public override Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        var list = Path.Combine(_directory, "people.csv");
        File.WriteAllBytes(list, input);
        try
        {
            JobFile.Parse(
                """
                { "mailboxes": "people.csv",
                  "source": { "host": "imap.old.example", "user": "{name}", "password": "env:OLD" },
                  "target": { "host": "imap.new.example", "user": "{name}", "password": "env:NEW" } }
                """,
                Path.Combine(_directory, "people.json")
            );
            WasRead = true;
        }
        catch (ConfigurationException)
        {
            // As promised.
        }
        try
        {
            // Nobody who is in it: a secret that is found is kept out of everything that this process writes from then on.
            var reference = new SecretReference(SecretSource.PasswordFile, list) { User = "zoe@nowhere.example" };
            new SecretResolver(null, _ => throw new NotSupportedException()).Resolve(reference, "a password");
        }
        catch (ConfigurationException)
        {
            // As promised.
        }
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return default;
    }
}
