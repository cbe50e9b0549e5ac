using Migrator.Core.Checkpoints;
using Migrator.Core.Pacing;

namespace Migrator.Mail.Pacing;

/// <inheritdoc/>
/// <param name="scopes">Its account and its host, those of them that have limits.</param>
public sealed class Pacer : IPacer
{
    private readonly IReadOnlyList<PacedScope> _scopes;

    internal Pacer(IReadOnlyList<PacedScope> scopes) => _scopes = scopes;

    public static readonly Pacer None = new([]);

    public bool HasLimits => _scopes.Count > 0;

    public async ValueTask AdmitAsync(TransferDirection direction, int messages, long bytes, CancellationToken cancellationToken)
    {
        foreach (var scope in _scopes)
            await scope.AdmitAsync(direction, messages, bytes, cancellationToken);
    }

    /// <summary>When so many bytes will have been transferred, if daily limits are all that holds them up.</summary>
    /// <returns>Null where there is no such limit.</returns>
    public async Task<DateTimeOffset?> ForecastAsync(TransferDirection direction, long bytes, CancellationToken cancellationToken)
    {
        DateTimeOffset? latest = null;
        foreach (var day in _scopes.Select(scope => scope.Day(direction)).OfType<DailyLimit>())
        {
            var end = await day.ForecastAsync(bytes, cancellationToken);
            latest = latest > end ? latest : end;
        }
        return latest;
    }

    internal async ValueTask TransferAsync(TransferDirection direction, int bytes, CancellationToken cancellationToken)
    {
        foreach (var scope in _scopes)
            await scope.TransferAsync(direction, bytes, cancellationToken);
    }

    /// <summary>At the end of a connection: what was transferred since the last message is counted for others too.</summary>
    internal async Task StoreAsync()
    {
        try
        {
            foreach (var scope in _scopes)
                await scope.StoreAsync(CancellationToken.None);
        }
        catch (CheckpointException)
        {
            // It stays counted here, and the next unit of work reports that the store fails.
        }
    }
}
