using System.Globalization;
using System.Text.RegularExpressions;

namespace Migrator.Mail.Imap;

/// <summary>Reads INTERNALDATE as servers write it, which is not always as RFC 9051 has it.</summary>
/// <param name="Date">The moment.</param>
/// <param name="Exact">Nothing had to be assumed: neither a time zone nor a century.</param>
internal readonly partial record struct InternalDate(DateTimeOffset Date, bool Exact)
{
    private static readonly string[] s_months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    // RFC 5322, section 4.3; other names are taken for UTC, as it says.
    private static readonly Dictionary<string, int> s_zones = new (string Name, int Hours)[]
    {
        ("Z", 0),
        ("UT", 0),
        ("UTC", 0),
        ("GMT", 0),
        ("EST", -5),
        ("EDT", -4),
        ("CST", -6),
        ("CDT", -5),
        ("MST", -7),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
    }.ToDictionary(zone => zone.Name, zone => zone.Hours, StringComparer.OrdinalIgnoreCase);

    /// <returns>Null for what is not a date, such as 30 February: a day nearby would be a guess.</returns>
    public static InternalDate? Read(string text)
    {
        if (Form().Match(text) is not { Success: true } match)
            return null;
        int Number(string name) => match.Groups[name].Success ? int.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture) : 0;
        var month = match.Groups["name"].Success
            ? Array.IndexOf(s_months, match.Groups["name"].Value.ToLowerInvariant()) + 1
            : Number("month");
        var (year, exact) = (Number("year"), true);
        if (match.Groups["year"].Length < 4)
            (year, exact) = (year + (year < 50 ? 2000 : 1900), false);
        var offset = Offset(match.Groups["zone"].Value);
        try
        {
            // A leap second is the first second of the next minute, as every clock here has it.
            var date = new DateTimeOffset(
                year,
                month,
                Number("day"),
                Number("hour"),
                Number("minute"),
                0,
                offset ?? TimeSpan.Zero
            ).AddSeconds(Number("second"));
            return Number("second") <= 60 ? new InternalDate(date, exact && offset is not null) : null;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <returns>Null where there is none, or none that is on earth.</returns>
    private static TimeSpan? Offset(string zone)
    {
        if (s_zones.TryGetValue(zone, out var hours))
            return TimeSpan.FromHours(hours);
        if (!Numeric().IsMatch(zone))
            return null;
        var digits = zone[1..].Replace(":", "", StringComparison.Ordinal);
        var (hour, minute) = (
            int.Parse(digits[..2], CultureInfo.InvariantCulture),
            digits.Length > 2 ? int.Parse(digits[2..], CultureInfo.InvariantCulture) : 0
        );
        var offset = new TimeSpan(hour, minute, 0);
        return minute > 59 || offset > TimeSpan.FromHours(14) ? null
            : zone[0] == '-' ? -offset
            : offset;
    }

    [GeneratedRegex(
        @"^\s*(?:[a-z]{3,9},?\s+)?"
            + @"(?:(?<day>\d{1,2})[-\s](?<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[-\s](?<year>\d{4}|\d{2})"
            + @"|(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2}))"
            + @"[\sT]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.\d+)?)?\s*"
            + @"(?<zone>[+-]\d{2}:?\d{2}|[+-]\d{2}|[a-z]{1,5})?\s*(?:\([^()]*\))?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Form();

    [GeneratedRegex(@"^[+-](?:\d{2}|\d{2}:?\d{2})$")]
    private static partial Regex Numeric();
}
