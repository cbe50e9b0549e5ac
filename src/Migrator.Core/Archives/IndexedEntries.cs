using System.Collections;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>The entries of a pack that an index has: read from it each time they are asked for, some at a time, so that many packs can be
/// listed in one index blob.</summary>
internal sealed class IndexedEntries(IPackIndex index, IndexedPack pack) : IReadOnlyList<PackEntry>
{
    private const int Page = 4096;

    public int Count => pack.Objects;

    public PackEntry this[int place] => Read(place, 1)[0];

    public IEnumerator<PackEntry> GetEnumerator()
    {
        for (var first = 0; first < Count; first += Page)
        {
            foreach (var entry in Read(first, Math.Min(Page, Count - first)))
                yield return entry;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <exception cref="StorageException">There are not so many: an index blob that says so could not be read again.</exception>
    private IReadOnlyList<PackEntry> Read(int first, int count) =>
        index.Read(pack, first, count) is { } entries && entries.Count == count
            ? entries
            : throw new StorageException(
                Reason.SpoolFailed,
                $"The index of the archive on this machine does not have the {Count:N0} objects of {pack.Name}. It is a copy: delete it, "
                    + "and it is read from the archive again."
            );
}
