using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>Options that are points in time, as people write them: a day, a time, or how long ago.</summary>
public static class TimeOption
{
    /// <summary>What can be written, with examples.</summary>
    public const string Forms = "yesterday, 2026-11-24, \"2026-11-24 18:00\", or 3d (ago)";

    // Of a span: more would be the beginning of a snapshot's ID, which has digits and the letters a to f.
    private const int MostDigits = 4,
        ShortestId = 4;

    private const string Day = "yyyy-MM-dd";

    private static readonly string[] s_times =
    [
        "yyyy-MM-dd HH:mm",
        "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd HH:mmK",
        "yyyy-MM-dd HH:mm:ssK",
        "yyyy-MM-ddTHH:mm",
        "yyyy-MM-ddTHH:mm:ss",
        "yyyy-MM-ddTHH:mmK",
        "yyyy-MM-ddTHH:mm:ssK",
    ];

    /// <summary>A snapshot: the latest at the end of a day or at a time, or by its ID.
    /// The value is a day, a time with its offset, an ID or "latest".</summary>
    public static Option<string?> Snapshot(string description) =>
        new("--at")
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = result => Read(result, "--at", $"{Forms}, latest, or a snapshot ID", text => At(text, TimeProvider.System)),
        };

    /// <summary>From when on: a day means its beginning.</summary>
    public static Option<DateTimeOffset?> Create(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = result => Read(result, name, Forms, text => Since(text, TimeProvider.System)),
        };

    /// <returns>Null where it is none.</returns>
    public static string? At(string text, TimeProvider time)
    {
        if (text == "latest" || (Span(text) is null && text.Length >= ShortestId && text.All(char.IsAsciiHexDigit)))
            return text;
        // Which moment a day ends at is decided where snapshots are chosen.
        return DayOf(text, time)?.ToString(Day, CultureInfo.InvariantCulture)
            ?? Moment(text, time)?.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
    }

    /// <inheritdoc cref="At"/>
    public static DateTimeOffset? Since(string text, TimeProvider time) =>
        DayOf(text, time) is { } day ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Local)) : Moment(text, time);

    private static DateOnly? DayOf(string text, TimeProvider time)
    {
        var today = DateOnly.FromDateTime(time.GetLocalNow().DateTime);
        return text.ToLowerInvariant() switch
        {
            "today" => today,
            "yesterday" => today.AddDays(-1),
            _ => DateOnly.TryParseExact(text, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
        };
    }

    private static DateTimeOffset? Moment(string text, TimeProvider time) =>
        Span(text) is { } span ? time.GetUtcNow() - span
        : DateTimeOffset.TryParseExact(text, s_times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var moment) ? moment
        : null;

    private static TimeSpan? Span(string text) => text.Length <= MostDigits + 1 ? Durations.Parse(text) : null;

    private static T? Read<T>(ArgumentResult result, string name, string forms, Func<string, T?> parse)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        // That it is empty is said for every option alike.
        if (text.Trim().Length > 0 && parse(text) is { } value)
            return value;
        if (text.Trim().Length > 0)
            result.AddError($"{name}: \"{text}\" is not a date or time. Write {forms}.");
        return default;
    }
}
