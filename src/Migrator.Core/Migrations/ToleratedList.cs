namespace Migrator.Core.Migrations;

/// <summary>Counts the messages that a report is to list as accepted in another form, of all folders: bounded, as for differences
/// (<see cref="RunIssues"/>).</summary>
internal sealed class ToleratedList
{
    private long _count;

    /// <summary>As text, what is not listed; null for nothing.</summary>
    public string? Omitted =>
        Interlocked.Read(ref _count) - RunIssues.Most is > 0 and var more
            ? $"{more:N0} further messages that were accepted in another form are counted but not listed."
            : null;

    /// <summary>Counts one.</summary>
    /// <returns>False where it is not to be listed any more.</returns>
    public bool Admit() => Interlocked.Increment(ref _count) <= RunIssues.Most;
}
