using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The packs that a store holds, by their names. A name is kept as the numbers that it is made of: there may be a hundred
/// thousand, which as text take 300 bytes each.</summary>
internal sealed class PackList : IReadOnlyDictionary<string, BlobInfo>
{
    private const string Month = "yyyyMM";

    private readonly Dictionary<Key, Entry> _packs = [];

    // With names of another form: of later versions, or put there by others.
    private readonly Dictionary<string, BlobInfo> _others = new(StringComparer.Ordinal);
    private readonly List<string?> _tiers = [];

    private readonly record struct Key(byte Kind, int Month, ContentId Hash);

    private readonly record struct Entry(long Size, long Modified, byte Tier, BlobAccess Access);

    public int Count => _packs.Count + _others.Count;

    public IEnumerable<string> Keys => this.Select(pack => pack.Key);

    public IEnumerable<BlobInfo> Values => this.Select(pack => pack.Value);

    public BlobInfo this[string name] => TryGetValue(name, out var blob) ? blob : throw new KeyNotFoundException(name);

    /// <summary>Lists the packs in a store.</summary>
    public static async Task<PackList> ReadAsync(IBlobStore store, CancellationToken cancellationToken)
    {
        var packs = new PackList();
        foreach (var kind in BlobKind.Packs)
        {
            await foreach (var blob in store.ListAsync(kind.Prefix, cancellationToken))
                packs.Add(blob);
        }
        return packs;
    }

    public void Add(BlobInfo blob)
    {
        if (Parse(blob.Name) is not { } key || TierOf(blob.Tier) is not { } tier)
            _others[blob.Name] = blob;
        else
            _packs[key] = new Entry(blob.Size, blob.Modified.UtcTicks, tier, blob.Access);
    }

    public PackList Without(Quarantine aside)
    {
        if (aside.IsEmpty)
            return this;
        var packs = new PackList();
        foreach (var (_, blob) in this.Where(pack => !aside.Contains(pack.Key)))
            packs.Add(blob);
        return packs;
    }

    public bool ContainsKey(string name) => TryGetValue(name, out _);

    public bool TryGetValue(string name, [MaybeNullWhen(false)] out BlobInfo blob)
    {
        if (Parse(name) is not { } key || !_packs.TryGetValue(key, out var entry))
            return _others.TryGetValue(name, out blob);
        blob = Describe(name, entry);
        return true;
    }

    public IEnumerator<KeyValuePair<string, BlobInfo>> GetEnumerator()
    {
        foreach (var (key, entry) in _packs)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{BlobKind.Packs[key.Kind].Prefix}{key.Month:D6}/{key.Hash}");
            yield return new KeyValuePair<string, BlobInfo>(name, Describe(name, entry));
        }
        foreach (var other in _others)
            yield return other;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private BlobInfo Describe(string name, Entry entry) =>
        new(name, entry.Size, new DateTimeOffset(entry.Modified, TimeSpan.Zero)) { Tier = _tiers[entry.Tier], Access = entry.Access };

    /// <returns>Null where there are too many: a store has four or five.</returns>
    private byte? TierOf(string? tier)
    {
        var place = _tiers.IndexOf(tier);
        if (place < 0 && _tiers.Count <= byte.MaxValue)
        {
            place = _tiers.Count;
            _tiers.Add(tier);
        }
        return place < 0 ? null : (byte)place;
    }

    /// <returns>Null for a name that could not be made again of its numbers.</returns>
    private static Key? Parse(string name)
    {
        for (byte kind = 0; kind < BlobKind.Packs.Count; kind++)
        {
            var prefix = BlobKind.Packs[kind].Prefix;
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            var rest = name.AsSpan(prefix.Length);
            Span<byte> hash = stackalloc byte[ContentId.Length];
            return
                rest.Length == Month.Length + 1 + (2 * ContentId.Length)
                && rest[Month.Length] == '/'
                && int.TryParse(rest[..Month.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var month)
                && !rest.ContainsAnyInRange('A', 'F')
                && Convert.FromHexString(rest[(Month.Length + 1)..], hash, out _, out _) == System.Buffers.OperationStatus.Done
                ? new Key(kind, month, new ContentId(hash))
                : null;
        }
        return null;
    }
}
