using Migrator.Core.Failures;
using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>Puts new index blobs in place of old ones: fewer, or without packs that are to go. The old ones do not count any more as soon
/// as the last new one is there, and are removed later: a listing made meanwhile may hold the old ones alone.</summary>
internal sealed class IndexRewrite(Archive archive, ArchiveLease lease, IndexWriter writer)
{
    public IndexRewrite(Archive archive, ArchiveLease lease)
        : this(archive, lease, new IndexWriter(archive, lease)) { }

    private const long Small = 1L << 20;

    // Each run that brought something adds an index blob. So many are read by a process that is new to the archive.
    private const int MostSmall = 32;
    private const int MostAtOnce = 10_000;

    /// <summary>So long a superseded index blob stays: longer than a listing takes.</summary>
    private static readonly TimeSpan s_stay = TimeSpan.FromHours(1);

    private IPackIndex Packs => archive.Index.Packs;

    /// <summary>Takes packs out of the index. Runs that begin from now on do not find what lies in them.</summary>
    public Task WithoutAsync(IReadOnlyCollection<string> packs, CancellationToken cancellationToken)
    {
        var without = packs.ToHashSet(StringComparer.Ordinal);
        return ReplaceAsync(Packs.BlobsOf(packs), without.Contains, cancellationToken);
    }

    /// <summary>Merges small index blobs where there are many, and removes superseded ones.</summary>
    /// <param name="now">By the store's clock.</param>
    public async Task TidyAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var known = Packs.Blobs;
        var small = archive
            .Index.Blobs.Where(blob => blob.Size < Small && known.ContainsKey(blob.Name))
            .Take(MostAtOnce)
            .Select(blob => blob.Name)
            .ToList();
        try
        {
            if (small.Count > MostSmall)
                await ReplaceAsync(small, _ => false, cancellationToken);
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveInUse)
        {
            // The process slept, and took back what it had merged. The next run merges.
            return;
        }
        foreach (var (name, _) in archive.Index.Superseded.Where(blob => now - blob.Since >= s_stay).Take(MostAtOnce))
        {
            await lease.EnsureHeldAsync(cancellationToken);
            try
            {
                await archive.Store.DeleteAsync(name, cancellationToken);
            }
            catch (StorageException exception) when (exception.Reason == Reason.BlobImmutable)
            {
                // It does not count.
            }
        }
    }

    private async Task ReplaceAsync(IReadOnlyCollection<string> old, Func<string, bool> isDropped, CancellationToken cancellationToken)
    {
        if (old.Count == 0)
            return;
        // What they supersede and may still be there would count again.
        var there = archive
            .Index.Superseded.Select(blob => blob.Name)
            .Concat(archive.Index.Blobs.Select(blob => blob.Name))
            .ToHashSet(StringComparer.Ordinal);
        var known = Packs.Blobs;
        string[] supersedes =
        [
            .. old.Concat(old.SelectMany(name => known.GetValueOrDefault(name, [])).Where(there.Contains)).Distinct(StringComparer.Ordinal),
        ];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await writer.WriteAsync(
            old.SelectMany(Packs.PacksOf)
                .Where(pack => !isDropped(pack.Name) && seen.Add(pack.Name))
                .Select(pack => new PackContents(pack.Name, pack.Size, new IndexedEntries(Packs, pack))),
            supersedes,
            cancellationToken
        );
        Packs.Remove(old);
    }
}
