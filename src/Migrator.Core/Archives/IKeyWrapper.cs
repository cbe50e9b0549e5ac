namespace Migrator.Core.Archives;

/// <summary>Wraps and unwraps an archive's master key.</summary>
public interface IKeyWrapper
{
    /// <summary>Whether the record was made in this wrapper's way; whether by the same secret, unwrapping tells.</summary>
    bool Fits(KeyRecord record);

    Task<KeyRecord> WrapAsync(byte[] master, CancellationToken cancellationToken);

    /// <returns>Null where it was wrapped with another secret.</returns>
    Task<byte[]?> UnwrapAsync(KeyRecord record, CancellationToken cancellationToken);
}
