using Migrator.Core.Mail;

namespace Migrator.Tests.Memory;

/// <summary>A UID map that lasts as long as the test, and insists on what the seam promises it.</summary>
public sealed class MemoryUidMap : IUidMap
{
    private readonly List<UidMapEntry> _entries = [];

    public IReadOnlyList<UidMapEntry> Entries => _entries;

    public Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<UidMapEntry>>([.. _entries]);
    }

    public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var entry in entries)
        {
            if (_entries.Exists(known => known.Key == entry.Key || known.Uid == entry.Uid))
                throw new InvalidOperationException($"{entry} is in the UID map already.");
            _entries.Add(entry);
        }
        return Task.CompletedTask;
    }
}
