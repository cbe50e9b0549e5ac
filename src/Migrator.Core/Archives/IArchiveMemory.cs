namespace Migrator.Core.Archives;

/// <summary>What this machine remembers of archives, apart from them: whoever can write to a store can put an earlier state of it
/// back.</summary>
public interface IArchiveMemory
{
    /// <param name="archive">Its id.</param>
    /// <param name="mailbox">What its snapshots are filed under.</param>
    /// <returns>The last snapshot that was seen; null for none.</returns>
    Task<SeenSnapshot?> LastAsync(Guid archive, string mailbox, CancellationToken cancellationToken);

    /// <summary>All mailboxes of the archive of which a snapshot was seen.</summary>
    Task<IReadOnlyDictionary<string, SeenSnapshot>> AllAsync(Guid archive, CancellationToken cancellationToken);

    Task SawAsync(Guid archive, string mailbox, SeenSnapshot snapshot, CancellationToken cancellationToken);

    Task ForgetAsync(Guid archive, string mailbox, CancellationToken cancellationToken);

    /// <returns>The newest master key that the archive was opened by; null for none.</returns>
    Task<SeenKey?> KeyAsync(Guid archive, CancellationToken cancellationToken);

    Task SawKeyAsync(Guid archive, SeenKey key, CancellationToken cancellationToken);
}

/// <param name="Generation">How often the master key had been rotated.</param>
/// <param name="Fingerprint">Of <see cref="ArchiveKeys.Fingerprint"/>.</param>
public sealed record SeenKey(int Generation, string Fingerprint);

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

    /// <summary>In words, that it is gone.</summary>
    /// <param name="location">Of the archive.</param>
    public string Words(string location, IReadOnlyList<SnapshotName> names) =>
        $"{location}: the archive was rolled back to an earlier state, or snapshots were removed from it: snapshot {Id} of "
        + $"{Time:u} was seen before and is "
        + $"gone{(names.Count == 0 ? "" : $"; the newest is {names[^1].Id} of {names[^1].Time:u}")}. Check who can write to the "
        + "store.";
}

/// <summary>Remembers nothing.</summary>
public sealed class NoArchiveMemory : IArchiveMemory
{
    public static readonly NoArchiveMemory Instance = new();

    public Task<SeenSnapshot?> LastAsync(Guid archive, string mailbox, CancellationToken cancellationToken) =>
        Task.FromResult<SeenSnapshot?>(null);

    public Task<IReadOnlyDictionary<string, SeenSnapshot>> AllAsync(Guid archive, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, SeenSnapshot>>(new Dictionary<string, SeenSnapshot>());

    public Task SawAsync(Guid archive, string mailbox, SeenSnapshot snapshot, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ForgetAsync(Guid archive, string mailbox, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<SeenKey?> KeyAsync(Guid archive, CancellationToken cancellationToken) => Task.FromResult<SeenKey?>(null);

    public Task SawKeyAsync(Guid archive, SeenKey key, CancellationToken cancellationToken) => Task.CompletedTask;
}
