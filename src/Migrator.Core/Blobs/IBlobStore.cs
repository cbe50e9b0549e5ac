using Migrator.Core.Failures;

namespace Migrator.Core.Blobs;

/// <summary>Holds named bytes: a local folder, or a container at a cloud provider.</summary>
/// <remarks>
/// Promises: a blob is visible as a whole or not at all. What <see cref="IBlobDraft.CommitAsync"/>, <see cref="ReplaceAsync"/> or
/// <see cref="ReplaceVolatileAsync"/> has returned for is seen by everybody from then on, and durable but for the last. All calls may be
/// repeated and may run at the same time. Every failure of the store is a <see cref="StorageException"/>.
/// A name is one or more parts of <c>a-z 0-9 . _ -</c>, none of them beginning with a dot, joined by <c>/</c>; at most 200
/// characters in all.
/// </remarks>
public interface IBlobStore : IAsyncDisposable
{
    /// <summary>Names the store in messages: a path or a URL, without any secret.</summary>
    string Location { get; }

    /// <summary>Begins a blob. Nobody sees it before it is committed; a draft that is disposed instead leaves
    /// nothing.</summary>
    Task<IBlobDraft> DraftAsync(CancellationToken cancellationToken);

    /// <summary>Whether it is there, and how large; null where it is not.</summary>
    Task<BlobInfo?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>The blobs whose names begin with <paramref name="prefix"/>, ascending by name (ordinal). A blob that comes or goes
    /// meanwhile may be missed or still be listed.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>The bytes from <paramref name="offset"/> on, at most <paramref name="length"/> of them; fewer where the blob ends
    /// before.</summary>
    /// <exception cref="StorageException"><see cref="Reason.BlobMissing"/>: there is no such blob; <see cref="Reason.BlobOffline"/>: it is
    /// there and cannot be read now.</exception>
    Task<Stream> OpenAsync(string name, long offset, long length, CancellationToken cancellationToken);

    /// <summary>Creates or overwrites a small blob. Only for what may change: leases and notes, never mail.</summary>
    Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The same for a blob that may be lost, cut short or as it was before where the machine that holds the store loses its power.
    /// Only for what counts for nothing then, or is written again by the next run: on a disk, durability takes most of the time of a
    /// small write.</summary>
    Task ReplaceVolatileAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        ReplaceAsync(name, content, cancellationToken);

    /// <summary>Removes a blob; succeeds where it is not there.</summary>
    /// <exception cref="StorageException"><see cref="Reason.BlobImmutable"/>: the store keeps it until a date (an immutability policy or a
    /// legal hold).</exception>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}
