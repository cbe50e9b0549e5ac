namespace Migrator.Core.Mail;

/// <summary>Keeps nothing: for sources that have UIDs of their own, and for a look that leaves no trace.</summary>
public sealed class NoUidBook : IUidBook
{
    public static readonly NoUidBook Instance = new();

    public Task<IReadOnlyList<UidEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<UidEntry>>([]);
    }

    public Task AddAsync(IReadOnlyList<UidEntry> entries, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.CompletedTask;
    }
}
