using System.Runtime.CompilerServices;

namespace Migrator.Tests.Telemetry;

/// <summary>The documents that say what the program shows.</summary>
internal static class Docs
{
    public static string Path(string name, [CallerFilePath] string here = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(here, "../../../../docs", name));

    /// <summary>The rows of the tables of a document, without their heads: cells without back quotes.</summary>
    public static IReadOnlyList<string[]> Rows(string name) =>
        [
            .. File.ReadLines(Path(name))
                .Where(line =>
                    line.StartsWith("| `", StringComparison.Ordinal)
                    || (line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
                )
                .Select(line => line.Trim('|', ' ').Split(" | ").Select(cell => cell.Trim().Replace("`", "")).ToArray()),
        ];
}
