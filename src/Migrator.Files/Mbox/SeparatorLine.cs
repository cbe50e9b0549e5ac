using System.Globalization;
using System.Text.RegularExpressions;

namespace Migrator.Files.Mbox;

/// <summary>The date in the separator line of an mbox: as asctime of C writes it, with the zone in several
/// places.</summary>
internal static partial class SeparatorLine
{
    /// <returns>Null where there is none, or the epoch, which programs write that have none. UTC where the line names no
    /// offset.</returns>
    public static DateTimeOffset? Date(string line)
    {
        if (Asctime().Match(line) is not { Success: true } match)
            return null;
        var text =
            $"{match.Groups["day"]} {match.Groups["month"]} {match.Groups["year"]} "
            + $"{match.Groups["time"]}{(match.Groups["seconds"].Success ? "" : ":00")} {Zone(match.Groups["zone"])}";
        return
            DateTimeOffset.TryParseExact(text, "d MMM yyyy H:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date != DateTimeOffset.UnixEpoch
            ? date
            : null;
    }

    public static bool HasZone(string line) => Asctime().Match(line).Groups["zone"].Success;

    private static string Zone(Group zone) => zone.Success ? zone.Value.Insert(3, ":") : "+00:00";

    [GeneratedRegex(
        @"(?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) +(?<time>\d{1,2}:\d{2}(?<seconds>:\d{2})?) +"
            + @"(?:(?<zone>[+-]\d{4}) +|[A-Z]{1,5} +)?(?<year>\d{4})(?: +(?<zone>[+-]\d{4}))?"
    )]
    private static partial Regex Asctime();
}
