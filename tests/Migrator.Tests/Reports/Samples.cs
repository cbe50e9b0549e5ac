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
        "<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "[bold red]x[/]", "[[", "\u001b]0;title\u0007\u001b[2J", "line\r\nbreak",
        "\u202egpj.exe", "\u2066isolate", "\ud800", "👨‍👩‍👧‍👦 ☎\ufe0f", "שלום", "日本語の長い名前", "e\u0301\u0301\u0301", "\0", "&amp;", new('x', 500),
    ];

    private static readonly Failure s_refused = new("append-refused", "NO <b>no</b> \u001b[31m", "Look at the detail.");

    public static FolderPath Folder(string name) => new([name]);

    public static RunReport Run(RunOutcome outcome = RunOutcome.Partial, Failure? stopped = null) => new(
        "a job", "imap://ann%40x@old.example", "imap://ann@new.example", Start, Start.AddSeconds(200), outcome,
        [
            .. Hostile.Select((name, i) => new FolderReport(Folder(name), Folder(name), new(100 + i, 90, i, 1, 2, 3, 4, 90_000), i == 1 ? s_refused : null)),
            new(Folder("Left"), null, new(5, 0, 0, 0, 5, 0, 0, 0), null),
        ],
        [.. Hostile.Select((subject, i) => new MessageFailure(Folder(subject), (uint)i + 1, i == 0 ? null : subject, 1234, s_refused))],
        [.. Hostile.Select(subject => new Difference(DifferenceKind.Flags, Folder(subject), 7, Folder("T"), 8, "\\Seen", subject, subject))],
        Hostile, stopped);

    public static VerifyReport Verify(int missing) => new(
        "a job", "imap://ann@old.example", "imap://ann@new.example", Start, Start.AddSeconds(20),
        [new([Folder("A"), Folder("B")], Folder("T"), true, 12_345 + missing, 12_347, 99_999, 12_345, missing, 0, 0, 0, 2)],
        [.. Enumerable.Range(1, missing).Select(uid => new Difference(DifferenceKind.Missing, Folder("A"), (uint)uid, Folder("T"), null, "1 octet", "", Hostile[uid % Hostile.Length]))],
        []);
}
