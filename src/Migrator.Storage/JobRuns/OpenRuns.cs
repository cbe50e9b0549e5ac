namespace Migrator.Storage.JobRuns;

/// <summary>Conditions on runs that are not over. SQLite uses an index over a part of a table only where a statement repeats, word for
/// word, which part: else it reads the whole history for each claim.</summary>
internal static class OpenRuns
{
    public const string Waiting = "state < 2 AND state = 0";
    public const string Running = "state < 2 AND state = 1";
}
