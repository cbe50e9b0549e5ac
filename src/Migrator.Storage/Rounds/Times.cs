namespace Migrator.Storage.Rounds;

/// <summary>Times as they are stored: milliseconds since 1970 in UTC.</summary>
internal static class Times
{
    public static DateTimeOffset Of(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? Of(long? milliseconds) => milliseconds is { } given ? Of(given) : null;
}
