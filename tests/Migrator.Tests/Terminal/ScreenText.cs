using System.Text.RegularExpressions;
using Migrator.Tests.Worker;

namespace Migrator.Tests.Terminal;

/// <summary>Replaces what differs from run to run and from machine to machine. Where something stands beside it or is wrapped behind it,
/// the replacement is as wide, so that a screen proves its layout.</summary>
internal static partial class ScreenText
{
    private const string Digits = "0123456789abcdef";
    private const string ShownProgram = "/usr/lib/migrator/";

    // What it names is on lines that are not wrapped: they are as wide as they like.
    private static readonly string s_program = Path.GetDirectoryName(MigratorProgram.Command[^1]) + Path.DirectorySeparatorChar;

    /// <param name="line">As the program wrote it.</param>
    /// <param name="world">Knows the directory and the ports.</param>
    public static string Settled(string line, ScreenWorld world)
    {
        line = Directories(line, world.Directory).Replace(world.Suffix, ScreenWorld.ShownSuffix, StringComparison.Ordinal);
        foreach (var (value, shown) in world.Replaced)
            line = Regex.Replace(line, $@"(?<!\d){value}(?!\d)", shown);
        line = line.Replace(s_program, ShownProgram, StringComparison.Ordinal);
        line = RecoveryKey().Replace(line, "ABCD-EFGH-JKMN-PQRS-TVWX-YZ01-2345-6789-ABCD-EFGH-JKMN-PQRS-TVWX-YZ0");
        line = FileTime().Replace(line, "20260304-142233");
        line = SnapshotTime().Replace(line, "20260304t142233123z");
        line = PackMonth().Replace(line, "/202603/");
        line = FolderTime().Replace(line, " 142233");
        line = CutDate().Replace(line, match => "2026-03-04"[^match.Length..]);
        line = Hexadecimal().Replace(line, match => string.Concat(Enumerable.Repeat(Digits, 8))[..match.Length]);
        // Of an example, which may begin a line.
        line = line.Replace("18:00\"", "14:22\"", StringComparison.Ordinal);
        line = Date().Replace(line, "2026-03-04");
        line = SecondsOfDay().Replace(line, "14:22:33");
        line = MinutesOfDay().Replace(line, "14:22");
        line = Version().Replace(line, "migrator 1.2.3 (.NET 10.0.0, linux-x64)");
        line = BuiltVersion().Replace(line, "1.2.3+0123456789abcdef0123456789abcdef01234567");
        // Times are stored as short as they are.
        line = StoredSize().Replace(line, match => Digit().Replace(match.Value, "0"));
        line = ReadSize().Replace(line, match => Digit().Replace(match.Value, "0"));
        line = OldestProof().Replace(line, "(ann");
        // Two reports within a second have names that differ in a number.
        line = SecondReport().Replace(line, "$1");
        // Which packs are due is a matter of their names.
        line = DuePacks().Replace(line, "1 of 9 packs read (546 bytes)");
        // How long it took, and how quickly, ends a line: nothing is beside it.
        line = Took().Replace(line, "Took less than 1 s$1.");
        return line;
    }

    /// <summary>Also one that was cut in the middle.</summary>
    private static string Directories(string line, string directory)
    {
        line = line.Replace(directory, ScreenWorld.ShownDirectory, StringComparison.Ordinal);
        for (var length = directory.Length - 1; length > 2; length--)
            line = line.Replace($"{directory[..length]}…", $"{ScreenWorld.ShownDirectory[..length]}…", StringComparison.Ordinal)
                .Replace($"…{directory[^length..]}/", $"…{ScreenWorld.ShownDirectory[^length..]}/", StringComparison.Ordinal);
        return line;
    }

    [GeneratedRegex(@"(?<![0-9A-Za-z])(?:[0-9a-f]{8}(?!-142233)|[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})(?![0-9A-Za-z])")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"\b20\d\d-\d\d-\d\d\b")]
    private static partial Regex Date();

    [GeneratedRegex(@"\b20\d{6}-\d{6}\b")]
    private static partial Regex FileTime();

    [GeneratedRegex(@"\b20\d{6}t\d{9}z\b")]
    private static partial Regex SnapshotTime();

    [GeneratedRegex(@"/20\d{4}/")]
    private static partial Regex PackMonth();

    [GeneratedRegex(@" \d{6}(?=/(?:INBOX|Sent|Trash|Clients))")]
    private static partial Regex FolderTime();

    [GeneratedRegex(@"(?<=…)[\d-]{1,9}(?= 142233/)")]
    private static partial Regex CutDate();

    [GeneratedRegex(@"(?<=^(?:format|headers|index|keys|packs|pages|snapshots) +\d+ +)[\d.]+ K?i?B$|(?<=snapshots, )[\d.]+ KiB")]
    private static partial Regex StoredSize();

    // Also at the beginning of a line that was wrapped.
    [GeneratedRegex(@"(?<=Read whole: \d packs, )[\d.]+ KiB|^[\d.]+ KiB(?=\.$)")]
    private static partial Regex ReadSize();

    [GeneratedRegex(@"\d")]
    private static partial Regex Digit();

    // Mailboxes are tested side by side.
    [GeneratedRegex(@"\((?:ann|bob)(?=-000(?: at |$))")]
    private static partial Regex OldestProof();

    [GeneratedRegex(@"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){12}-[0-9A-Z]{3}\b")]
    private static partial Regex RecoveryKey();

    [GeneratedRegex(@"(-run|-verify)-\d+(?=\.html|\.json|/)")]
    private static partial Regex SecondReport();

    [GeneratedRegex(@"\b\d+ of \d+ packs? read \([\d,]+ bytes\)")]
    private static partial Regex DuePacks();

    [GeneratedRegex(@"\b\d\d:\d\d:\d\d(?!\d)")]
    private static partial Regex SecondsOfDay();

    [GeneratedRegex(@"(?<=\d\d-\d\d )\d\d:\d\d\b")]
    private static partial Regex MinutesOfDay();

    [GeneratedRegex(@"^migrator \d[\w.-]* \(.*\)$")]
    private static partial Regex Version();

    // Without Git, it names no commit.
    [GeneratedRegex(@"^\d+\.\d+\.\d+(?:-[\w.]+)?(?:\+[0-9a-f]{40})?$")]
    private static partial Regex BuiltVersion();

    [GeneratedRegex(@"^Took (?:less than 1|\d+) s(: [^;]*?)?(?:; .*)?\.$")]
    private static partial Regex Took();
}
