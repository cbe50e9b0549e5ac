namespace Migrator.Core.Archives;

public sealed record SeenSnapshot(long Sequence, string Id, DateTimeOffset Time)
{
    /// <summary>Whether the archive holds neither this snapshot nor a later one. One that is there and cannot be read is damaged, and that
    /// is said elsewhere.</summary>
    /// <param name="names">Of the mailbox. Anybody can write names.</param>
    /// <param name="newest">The newest that can be read; null for none.</param>
    public bool IsGone(IReadOnlyList<SnapshotName> names, SnapshotName? newest) =>
        names.All(name => name.Id != Id) && (newest is null || newest.Sequence <= Sequence);

    /// <param name="names">Of the mailbox.</param>
    /// <inheritdoc cref="IsGone"/>
    internal async Task<bool> IsGoneAsync(
        Archive archive,
        IReadOnlyList<SnapshotName> names,
        Quarantine aside,
        CancellationToken cancellationToken
    ) =>
        names.All(name => name.Id != Id)
        && IsGone(
            names,
            (
                await SnapshotChoice.NewestAsync(
                    archive,
                    [.. names.Where(name => !aside.Contains(name.Name))],
                    null,
                    _ => { },
                    cancellationToken
                )
            )?.Name
        );

    /// <summary>As text, that it is gone.</summary>
    /// <param name="location">Of the archive.</param>
    public string Words(string location, IReadOnlyList<SnapshotName> names) =>
        $"{location}: the archive was rolled back to an earlier state, or snapshots were removed from it: snapshot {Id} of "
        + $"{Time:u} was seen before and is "
        + $"gone{(names.Count == 0 ? "" : $"; the newest is {names[^1].Id} of {names[^1].Time:u}")}. Check who can write to the "
        + "store.";
}
