using System.Text.RegularExpressions;

namespace Migrator.App.Jobs;

/// <summary>Finds mistakes in cron expressions: five fields as in crontab, or six or seven as Quartz has them.</summary>
public static partial class Cron
{
    private static readonly (string Name, string Values)[] s_fields =
    [
        ("seconds", "0 to 59"),
        ("minutes", "0 to 59"),
        ("hours", "0 to 23"),
        ("day of the month", "1 to 31"),
        ("month", "1 to 12 or jan to dec"),
        ("day of the week", ""),
        ("year", "1970 or later"),
    ];

    // Quartz reads the first three letters of a word and forgets the rest.
    private static readonly HashSet<string> s_months = new(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        StringComparer.OrdinalIgnoreCase
    );
    private static readonly HashSet<string> s_days = new(
        ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "L"],
        StringComparer.OrdinalIgnoreCase
    );
    private static readonly HashSet<string> s_macros = new(
        ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"],
        StringComparer.OrdinalIgnoreCase
    );
    private static readonly HashSet<string> s_marks = new(["L", "W", "LW"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it has the five fields of a crontab.</summary>
    public static bool IsUnix(string cron) => Fields(cron).Length == 5;

    /// <returns>In words, one for each field that is wrong.</returns>
    public static IReadOnlyList<string> Mistakes(string cron)
    {
        var fields = Fields(cron);
        if (fields is [['@', ..]])
            return s_macros.Contains(cron.Trim())
                ? []
                : [$"is \"{cron}\"; with \"@\" there are @hourly, @daily, @weekly, @monthly and @yearly."];
        if (fields.Length is < 5 or > 7)
            return
            [
                $"has {fields.Length} field{(fields.Length == 1 ? "" : "s")}; write five, as in crontab: minute, hour, day of "
                    + "the month, month, day of the week, such as \"30 2 * * 1-5\".",
            ];
        var mistakes = fields.Index().Select(field => Mistake(fields, field.Index)).OfType<string>().ToList();
        if (mistakes.Count > 0)
            return mistakes;
        if (TryParse(cron) is not { } schedule)
            return [$"is \"{cron}\", which is not a cron expression."];
        return schedule.Next(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc) is null
            ? [$"is \"{cron}\", a date that does not exist."]
            : Ambiguous(cron, fields);
    }

    // Some cron programs take "*/2" for a restriction and some do not, so one would start the job on either day, the other on days that are
    // both.
    private static IReadOnlyList<string> Ambiguous(string cron, string[] fields) =>
        IsUnix(cron)
        && fields[2] is not ("*" or "?")
        && fields[4] is not ("*" or "?")
        && (fields[2].StartsWith('*') || fields[4].StartsWith('*'))
            ?
            [
                $"is \"{cron}\", which cron programs interpret differently: restrict one of the two day fields, or write days as "
                    + "numbers instead of \"*/\".",
            ]
            : [];

    private static string? Mistake(string[] fields, int index)
    {
        var isUnix = fields.Length == 5;
        var alone = fields
            .Select(
                (field, other) =>
                    other == index ? field
                    : !isUnix && other == 0 ? "0"
                    : "*"
            )
            .ToArray();
        var (name, values) = s_fields[isUnix ? index + 1 : index];
        // A job that starts every second would only ever find its mailboxes busy.
        if (name == "seconds" && !Number().IsMatch(fields[index]))
            return $"has \"{fields[index]}\" for the seconds; write one number from 0 to 59, as jobs start once a minute at most.";
        var words = name switch
        {
            "month" => s_months,
            "day of the week" => s_days,
            _ => s_marks,
        };
        var daysOfWeek = isUnix ? "0 to 7 (0 and 7 are Sunday) or sun to sat" : "1 to 7 (1 is Sunday) or sun to sat";
        if (
            !fields[index].Split(',').All(member => Member().IsMatch(member))
            || Word().Matches(fields[index]).Any(word => !words.Contains(word.Value))
            || TryParse(string.Join(' ', alone)) is null
        )
            return $"has \"{fields[index]}\" for the {name}; use {(values.Length > 0 ? values : daysOfWeek)}, "
                + "\"*\" for all, and \",\" \"-\" \"/\" for lists, ranges and steps.";
        return name == "day of the month" && LateWeekday().IsMatch(fields[index])
            ? $"has \"{fields[index]}\" for the {name}, and not every month has that day: \"LW\" is the last weekday of each."
            : null;
    }

    internal static string[] Fields(string cron) => cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static CronSchedule? TryParse(string cron)
    {
        try
        {
            return CronSchedule.Parse(cron);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[0-9]{1,2}$")]
    private static partial Regex Number();

    [GeneratedRegex("(^|,)(29|30|31)W", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LateWeekday();

    [GeneratedRegex(@"\p{L}+")]
    private static partial Regex Word();

    // Quartz takes more, of which it makes nothing sensible ("31W7"), or fails when it looks for the next start ("1-/5").
    [GeneratedRegex(
        "^(([*?]|([0-9]+|[a-z]{3})(-([0-9]+|[a-z]{3}))?)(/[0-9]+)?|[0-9]*L(-[0-9]+)?W?|[0-9]+W|([0-9]+|[a-z]{3})#[0-9])$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Member();
}
