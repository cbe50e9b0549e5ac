using Migrator.Core.Failures;

namespace Migrator.Core.Pacing;

/// <summary>How much was transferred with which account or host, in the last day: shared by all workers, and kept over restarts.</summary>
public interface ITrafficStore
{
    /// <summary>Slots that count at a moment, ascending.</summary>
    /// <param name="scope">An account or a host.</param>
    /// <exception cref="MigratorException">The store cannot be used.</exception>
    Task<IReadOnlyList<TrafficSlot>> ReadAsync(
        string scope,
        TransferDirection direction,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Adds to a slot, and removes slots that do not count any more.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    Task AddAsync(string scope, TransferDirection direction, TrafficSlot traffic, CancellationToken cancellationToken);
}
