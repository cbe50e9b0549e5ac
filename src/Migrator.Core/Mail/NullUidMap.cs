namespace Migrator.Core.Mail;

/// <summary>Keeps nothing: for sources that have UIDs of their own, and for a look that leaves no trace.</summary>
public sealed class NullUidMap : IUidMap
{
    public static readonly NullUidMap Instance = new();

    public Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<UidMapEntry>>([]);
    }

    public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }
}
