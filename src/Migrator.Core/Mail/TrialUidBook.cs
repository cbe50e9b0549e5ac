namespace Migrator.Core.Mail;

/// <summary>A book that is read, and to which nothing is added for good: what is added counts while it is used.</summary>
internal sealed class TrialUidBook(IUidBook known) : IUidBook
{
    private readonly List<UidEntry> _added = [];

    public async Task<IReadOnlyList<UidEntry>> ReadAsync(CancellationToken cancellationToken) =>
        [.. await known.ReadAsync(cancellationToken).ConfigureAwait(false), .. _added];

    public Task AddAsync(IReadOnlyList<UidEntry> entries, CancellationToken cancellationToken)
    {
        _added.AddRange(entries);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<uint, KnownContent>> ContentsAsync(CancellationToken cancellationToken) =>
        known.ContentsAsync(cancellationToken);
}
