using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;

namespace Migrator.App.Jobs;

/// <summary>When a cron expression is due: five fields as in crontab, or six or seven as Quartz has them, which the service goes by. Cronos
/// knows neither a year, nor days of the week from 1, nor the rule that either of two restricted day fields is enough: each of these is
/// made of what it knows.</summary>
public sealed partial class CronSchedule
{
    private const int FirstYear = 1970,
        LastYear = 2099,
        Day = 3,
        Weekday = 5;

    private readonly IReadOnlyList<CronExpression> _due;
    private readonly IReadOnlySet<int>? _years;

    private CronSchedule(IReadOnlyList<CronExpression> due, IReadOnlySet<int>? years) => (_due, _years) = (due, years);

    /// <exception cref="FormatException">It is no cron expression.</exception>
    public static CronSchedule Parse(string cron)
    {
        var fields = Cron.Fields(cron);
        if (fields is [['@', ..]])
            return new CronSchedule([CronExpression.Parse(cron)], null);
        string[] six = fields.Length == 5 ? ["0", .. fields] : fields[..6];
        six[Weekday] = fields.Length == 5 ? FromSunday(six[Weekday], sunday: 0) : FromSunday(six[Weekday], sunday: 1);
        return new CronSchedule(
            [.. Alternatives(six).Select(alone => CronExpression.Parse(alone, CronFormat.IncludeSeconds))],
            fields.Length == 7 ? Years(fields[6]) : null
        );
    }

    /// <returns>The first moment after this one; null where there is none.</returns>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        while (_due.Select(due => due.GetNextOccurrence(after, zone)).Min() is { } next)
        {
            if (_years is null || _years.Contains(next.Year))
                return next;
            if (_years.Where(year => year > next.Year).DefaultIfEmpty().Min() is not (var year and > 0))
                return null;
            after = WallClock.ToMoment(new DateTime(year, 1, 1), zone).AddTicks(-1);
        }
        return null;
    }

    /// <summary>Day 15 or Monday: where both day fields are restricted, either is enough. So is each member of a list of days such as
    /// <c>L,15W</c>.</summary>
    private static IEnumerable<string> Alternatives(string[] fields)
    {
        var (days, weekdays) = (IsRestricted(fields[Day]), IsRestricted(fields[Weekday]));
        if (days)
        {
            foreach (
                var some in fields[Day]
                    .Split(',')
                    .GroupBy(member => Special().IsMatch(member) ? member : "")
                    .Select(same => string.Join(',', same))
            )
                yield return With(some, "*");
        }
        if (weekdays || !days)
            yield return With("*", fields[Weekday]);

        string With(string day, string weekday) => string.Join(' ', fields[..Day].Append(day).Append(fields[4]).Append(weekday));

        static bool IsRestricted(string field) => field is not ("*" or "?");
    }

    /// <summary>Days of the week counted from 0, in which a step ends at Saturday.</summary>
    private static string FromSunday(string field, int sunday) =>
        string.Join(
            ',',
            field
                .Split(',')
                .Select(member =>
                {
                    if (member.Equals("L", StringComparison.OrdinalIgnoreCase))
                        return "6";
                    var parts = member.Split('#', '/');
                    var days = Number()
                        .Replace(
                            parts[0],
                            number =>
                                int.Parse(number.Value, CultureInfo.InvariantCulture) - sunday is var day and >= 0 and <= 7
                                && day + sunday <= 7
                                    ? day.ToString(CultureInfo.InvariantCulture)
                                    : throw new FormatException($"{member} is not a day of the week.")
                        );
                    if (member.Contains('/') && days is not ("*" or "?") && !days.Contains('-'))
                        days += "-6";
                    return days + member[parts[0].Length..];
                })
        );

    private static HashSet<int>? Years(string field)
    {
        if (field is "*" or "?")
            return null;
        var years = new HashSet<int>();
        foreach (var member in field.Split(','))
        {
            var parts = YearMember().Match(member);
            if (!parts.Success)
                throw new FormatException($"{member} is not a year.");
            var first = parts.Groups["from"].Success ? Read("from") : FirstYear;
            var last =
                parts.Groups["to"].Success ? Read("to")
                : parts.Groups["step"].Success ? LastYear
                : first;
            var step = parts.Groups["step"].Success ? Read("step") : 1;
            if (first < FirstYear || last > LastYear || last < first || step < 1)
                throw new FormatException($"{member} is not a year from {FirstYear} to {LastYear}.");
            for (var year = first; year <= last; year += step)
                years.Add(year);

            int Read(string part) => int.Parse(parts.Groups[part].ValueSpan, CultureInfo.InvariantCulture);
        }
        return years;
    }

    [GeneratedRegex("[LW]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Special();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex("^([*]|(?<from>[0-9]{4})(-(?<to>[0-9]{4}))?)(/(?<step>[0-9]{1,4}))?$")]
    private static partial Regex YearMember();
}
