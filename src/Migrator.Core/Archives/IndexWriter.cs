using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Writes index blobs, and takes them into the index of this process.</summary>
internal sealed class IndexWriter(Archive archive, ArchiveLease lease)
{
    // An index blob is read into memory, and a change to it writes all of it.
    private const long Full = 2L << 20;

    // For one blob after the other: new for each, megabytes of them would lie about until the collector looks through all of the heap.
    private byte[] _buffer = [];

    /// <summary>Writes index blobs of these packs: nothing where there are none, and nothing is superseded.</summary>
    /// <param name="supersedes">Names of index blobs that do not count any more once all new ones are there.</param>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveInUse"/>: the lease ran out; or the store failed.</exception>
    public Task WriteAsync(IEnumerable<PackContents> packs, IReadOnlyList<string> supersedes, CancellationToken cancellationToken) =>
        WriteAsync(packs.ToAsyncEnumerable(), supersedes, cancellationToken);

    /// <inheritdoc cref="WriteAsync(IEnumerable{PackContents}, IReadOnlyList{string}, CancellationToken)"/>
    public async Task WriteAsync(
        IAsyncEnumerable<PackContents> packs,
        IReadOnlyList<string> supersedes,
        CancellationToken cancellationToken
    )
    {
        var (batch, length) = (new List<PackContents>(), 0L);
        await foreach (var pack in packs.WithCancellation(cancellationToken))
        {
            if (batch.Count > 0 && length + pack.IndexLength > Full)
            {
                // The last one supersedes: until it is there, the old ones count.
                await WriteOneAsync(batch, [], cancellationToken);
                (batch, length) = ([], 0);
            }
            batch.Add(pack);
            length += pack.IndexLength;
        }
        if (batch.Count + supersedes.Count > 0)
            await WriteOneAsync(batch, supersedes, cancellationToken);
    }

    private async Task WriteOneAsync(
        IReadOnlyList<PackContents> packs,
        IReadOnlyList<string> supersedes,
        CancellationToken cancellationToken
    )
    {
        await lease.EnsureHeldAsync(cancellationToken);
        var bytes = new IndexContents(supersedes, packs).ToBytes(ref _buffer);
        var name = archive.IndexName(bytes.Span);
        await archive.WriteSealedAsync(BlobKind.Index, name, bytes, cancellationToken);
        if (!await lease.IsHeldAsync(cancellationToken))
            await RevalidateAsync(name, packs, supersedes.Count > 0, cancellationToken);
        archive.Index.Add(new IndexedBlob(name, [.. supersedes], [.. packs]));
    }

    /// <summary>The process slept when it wrote an index: packs that nobody knew of may have been removed meanwhile. Anyone who believed
    /// that they are there would not store what they held. Likewise, others may rely by now on what it takes out of the index.</summary>
    private async Task RevalidateAsync(string name, IReadOnlyList<PackContents> packs, bool withdraw, CancellationToken cancellationToken)
    {
        await using var again = await lease.AgainAsync(cancellationToken);
        foreach (var pack in packs)
            withdraw = withdraw || await archive.Store.FindAsync(pack.Name, cancellationToken) is null;
        if (!withdraw)
            return;
        await again.EnsureHeldAsync(cancellationToken);
        await archive.Store.DeleteAsync(name, cancellationToken);
        throw ArchiveLease.LeaseExpired(archive);
    }
}
