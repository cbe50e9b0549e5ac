using Migrator.Core.Mail;

namespace Migrator.Tests.Memory;

/// <summary>A book that lasts as long as the test, and insists on what the seam promises it.</summary>
public sealed class MemoryUidBook : IUidBook
{
    private readonly List<UidEntry> _entries = [];

    public IReadOnlyList<UidEntry> Entries => _entries;

    public Task<IReadOnlyList<UidEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<UidEntry>>([.. _entries]);
    }

    public Task AddAsync(IReadOnlyList<UidEntry> entries, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var entry in entries)
        {
            if (_entries.Exists(known => known.Key == entry.Key || known.Uid == entry.Uid))
                throw new InvalidOperationException($"{entry} is in the book already.");
            _entries.Add(entry);
        }
        return Task.CompletedTask;
    }
}
