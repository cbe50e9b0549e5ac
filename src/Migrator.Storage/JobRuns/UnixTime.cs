namespace Migrator.Storage.JobRuns;

/// <summary>Times as they are stored: milliseconds since 1970 in UTC.</summary>
internal static class UnixTime
{
    public static DateTimeOffset Of(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? Of(long? milliseconds) => milliseconds is { } given ? Of(given) : null;
}
