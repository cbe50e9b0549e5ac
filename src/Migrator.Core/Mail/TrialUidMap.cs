namespace Migrator.Core.Mail;

/// <summary>A UID map that is read, and to which nothing is added for good: what is added counts while it is used.</summary>
internal sealed class TrialUidMap(IUidMap known) : IUidMap
{
    private readonly List<UidMapEntry> _added = [];

    public async Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken) =>
        [.. await known.ReadAsync(cancellationToken), .. _added];

    public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken)
    {
        _added.AddRange(entries);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<Uid, KnownContent>> ContentsAsync(CancellationToken cancellationToken) =>
        known.ContentsAsync(cancellationToken);
}
