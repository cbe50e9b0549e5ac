using System.Security.Cryptography;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Reads a whole pack and looks at every octet of it.</summary>
internal static class PackCheck
{
    /// <returns>What is wrong with the pack, null where nothing is; and the objects that cannot be read.</returns>
    public static async Task<(string? Wrong, IReadOnlyList<PackEntry> Lost)> ReadAsync(
        Archive archive,
        PackContents pack,
        CancellationToken cancellationToken
    )
    {
        var wrong = await HashAsync(archive, pack, cancellationToken);
        var lost = new List<PackEntry>();
        try
        {
            using var reader = await BlobReader.OpenAsync(archive, pack.Name, new SegmentBuffers(), cancellationToken);
            // Although the octets are those that were written: what was written has to be what it is filed under.
            foreach (var part in Parts(pack.Entries))
                lost.AddRange(await LostAsync(archive, reader, part, cancellationToken));
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            return (exception.Message, pack.Entries);
        }
        return (wrong ?? (lost.Count > 0 ? "objects in it do not match their IDs" : null), lost);
    }

    private static async Task<string?> HashAsync(Archive archive, PackContents pack, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await archive.Store.OpenAsync(pack.Name, 0, long.MaxValue, cancellationToken);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(blob, cancellationToken));
            return pack.Name.EndsWith("/" + hash, StringComparison.Ordinal) ? null : "its bytes do not match its name";
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            return exception.Message;
        }
    }

    /// <summary>Neighbours that are read in one request.</summary>
    private static IEnumerable<IReadOnlyList<PackEntry>> Parts(IReadOnlyList<PackEntry> entries)
    {
        const long most = 8 << 20;
        var part = new List<PackEntry>();
        foreach (var entry in entries.OrderBy(entry => entry.Offset))
        {
            if (
                part.Count > 0
                && (entry.Offset != part[^1].Offset + part[^1].Stored || entry.Offset + entry.Stored - part[0].Offset > most)
            )
            {
                yield return part;
                part = [];
            }
            part.Add(entry);
        }
        if (part.Count > 0)
            yield return part;
    }

    private static async Task<IReadOnlyList<PackEntry>> LostAsync(
        Archive archive,
        BlobReader reader,
        IReadOnlyList<PackEntry> part,
        CancellationToken cancellationToken
    )
    {
        var lost = new List<PackEntry>();
        await using var blob = await reader.OpenAsync(
            part[0].Offset,
            part[^1].Offset + part[^1].Stored - part[0].Offset,
            cancellationToken
        );
        foreach (var (number, entry) in part.Index())
        {
            if (await IsWholeAsync(archive, reader, blob, entry, cancellationToken))
                continue;
            lost.Add(entry);
            // Where the next one begins is not known in this stream any more.
            if (number + 1 < part.Count)
                lost.AddRange(await LostAsync(archive, reader, [.. part.Skip(number + 1)], cancellationToken));
            break;
        }
        return lost;
    }

    private static async Task<bool> IsWholeAsync(
        Archive archive,
        BlobReader reader,
        Stream blob,
        PackEntry entry,
        CancellationToken cancellationToken
    )
    {
        await using var hash = new HashStream();
        try
        {
            var stored = await reader.CopyAsync(blob, entry.Offset, hash, cancellationToken);
            return stored == entry.Stored && hash.Length == entry.Plain && archive.Keys.AddressOf(hash.Finish()) == entry.Id;
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            return false;
        }
    }
}
