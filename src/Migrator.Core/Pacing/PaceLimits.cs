namespace Migrator.Core.Pacing;

/// <summary>How fast mail may be transferred, and how much of it in 24 hours. Each limit is null where there is none.</summary>
public sealed record PaceLimits
{
    public static readonly PaceLimits None = new();

    /// <summary>1 or more.</summary>
    public int? MessagesPerSecond { get; init; }

    /// <summary>In both directions together, at least <see cref="LeastBytesPerSecond"/>.</summary>
    public int? BytesPerSecond { get; init; }

    /// <summary>Bytes, 1 or more. <see cref="long.MaxValue"/> for none, whatever is known of the provider.</summary>
    public long? DownloadPerDay { get; init; }

    /// <inheritdoc cref="DownloadPerDay"/>
    public long? UploadPerDay { get; init; }

    /// <summary>Slower than that, a login alone would take longer than servers wait.</summary>
    public const int LeastBytesPerSecond = 1024;

    public bool IsNone => this == None;

    /// <summary>Bytes in 24 hours; null for no limit.</summary>
    public long? PerDay(TransferDirection direction) =>
        (direction == TransferDirection.Download ? DownloadPerDay : UploadPerDay) is { } limit and < long.MaxValue ? limit : null;
}
