using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Tests.Reports;

/// <summary>Reports with everything in them that strangers can write.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Start = new(2026, 3, 4, 13, 22, 10, TimeSpan.Zero);

    public static readonly string[] Hostile =
    [
        "<script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "[bold red]x[/]",
        "[[",
        "\u001b]0;title\u0007\u001b[2J",
        "line\r\nbreak",
        "\u202egpj.exe",
        "\u2066isolate",
        "\ud800",
        "👨‍👩‍👧‍👦 ☎\ufe0f",
        "שלום",
        "日本語の長い名前",
        "e\u0301\u0301\u0301",
        "\0",
        "&amp;",
        new('x', 500),
    ];

    private static readonly Failure s_refused = new("append-refused", "NO <b>no</b> \u001b[31m", "Look at the detail.");

    public static FolderPath Folder(string name) => new([name]);

    public static RunReport Run(RunOutcome outcome = RunOutcome.Partial, Failure? stopped = null) =>
        new(
            "a job",
            "imap://ann%40x@old.example",
            "imap://ann@new.example",
            Start,
            Start.AddSeconds(200),
            outcome,
            [
                .. Hostile.Select(
                    (name, i) =>
                        new FolderReport(Folder(name), Folder(name), new(100 + i, 90, i, 1, 2, 3, 4, 90_000), i == 1 ? s_refused : null)
                ),
                new(Folder("Left"), null, new(5, 0, 0, 0, 5, 0, 0, 0), null),
            ],
            [.. Hostile.Select((subject, i) => new MessageFailure(Folder(subject), (uint)i + 1, i == 0 ? null : subject, 1234, s_refused))],
            [
                .. Hostile.Select(subject => new Difference(
                    DifferenceKind.Flags,
                    Folder(subject),
                    7,
                    Folder("T"),
                    8,
                    "\\Seen",
                    subject,
                    subject
                )),
            ],
            Hostile,
            stopped
        );

    public static VerifyReport Verify(int missing) =>
        new(
            "a job",
            "imap://ann@old.example",
            "imap://ann@new.example",
            Start,
            Start.AddSeconds(20),
            [new([Folder("A"), Folder("B")], Folder("T"), true, 12_345 + missing, 12_347, 99_999, 12_345, missing, 0, 0, 0, 2)],
            [
                .. Enumerable
                    .Range(1, missing)
                    .Select(uid => new Difference(
                        DifferenceKind.Missing,
                        Folder("A"),
                        (uint)uid,
                        Folder("T"),
                        null,
                        "1 byte",
                        "",
                        Hostile[uid % Hostile.Length]
                    )),
            ],
            []
        );

    /// <summary>The overview of a job, with a mailbox of each outcome.</summary>
    public static JobReport Job()
    {
        MailboxReason refused = new(
            "authentication-failed",
            0,
            "old.example: NO [AUTHENTICATIONFAILED] Authentication failed.",
            "Check the password."
        );
        return new("move", JobTask.Run, Operation.Copy, "1.2.3", Start, Start.AddSeconds(200), false)
        {
            Mailboxes =
            [
                new("erin.with-a-long-name@subsidiary.example.org", MailboxOutcome.Ok, 0)
                {
                    Counts = new(1204, 4, 1200, 0, 0, 0, 0, 4000),
                    HtmlFile = "mailboxes/erin.html",
                    JsonFile = "mailboxes/erin.json",
                },
                new("ann@example.org", MailboxOutcome.Ok, 0)
                {
                    Counts = new(81, 81, 0, 0, 0, 0, 0, 90_000),
                    HtmlFile = "mailboxes/ann@example.org.html",
                    JsonFile = "mailboxes/ann@example.org.json",
                },
                new("carl", MailboxOutcome.Failed, 3) { Reasons = [refused] },
                new("bob@example.org", MailboxOutcome.Failed, 3) { Reasons = [refused] },
                new("dora", MailboxOutcome.Incomplete, 1)
                {
                    Counts = new(81, 49, 0, 0, 0, 32, 0, 49_000),
                    HtmlFile = "mailboxes/dora.html",
                    JsonFile = "mailboxes/dora.json",
                    Reasons =
                    [
                        new(
                            "over-quota",
                            32,
                            "32 messages, such as: new.example: NO [OVERQUOTA] Quota exceeded.",
                            "Raise its quota or make room, then run again."
                        ),
                    ],
                },
            ],
        };
    }
}
