using System.Collections;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>The entries of a pack that an index has: read from it each time they are asked for, so that many packs can be listed in one
/// index blob while the entries of one are in memory.</summary>
internal sealed class IndexedEntries(IPackIndex index, IndexedPack pack) : IReadOnlyList<PackEntry>
{
    public int Count => pack.Objects;

    public PackEntry this[int place] => Read()[place];

    public IEnumerator<PackEntry> GetEnumerator() => Read().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <exception cref="StorageException">There are not so many: an index blob that says so could not be read again.</exception>
    private IReadOnlyList<PackEntry> Read() =>
        index.Read(pack.Name)?.Entries is { } entries && entries.Count == Count
            ? entries
            : throw new StorageException(
                Reason.SpoolFailed,
                $"The index of the archive on this machine does not have the {Count:N0} objects of {pack.Name}. It is a copy: delete it, "
                    + "and it is read from the archive again."
            );
}
