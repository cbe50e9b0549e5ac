namespace Migrator.Core.Pacing;

/// <summary>For what has no limits.</summary>
public sealed class NoPacer : IPacer
{
    public static readonly NoPacer Instance = new();

    private NoPacer() { }

    public bool HasLimits => false;

    public ValueTask AdmitAsync(TransferDirection direction, int messages, long bytes, CancellationToken cancellationToken) => default;
}
