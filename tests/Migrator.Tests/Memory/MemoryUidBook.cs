using Migrator.Core.Mail;

namespace Migrator.Tests.Memory;

/// <summary>A book of UIDs that lasts as long as the process.</summary>
public sealed class MemoryUidBook : IUidBook
{
    private readonly List<UidEntry> _entries = [];

    public Task<IReadOnlyList<UidEntry>> ReadAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<UidEntry>>([.. _entries]);

    public Task AddAsync(IReadOnlyList<UidEntry> entries, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _entries.AddRange(entries);
        return Task.CompletedTask;
    }
}
