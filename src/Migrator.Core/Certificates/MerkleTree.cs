using System.Security.Cryptography;

namespace Migrator.Core.Certificates;

/// <summary>The Merkle root of lines that come one after another (RFC 6962, section 2.1), in the memory of one hash for each
/// level.</summary>
public sealed class MerkleTree
{
    private const byte Leaf = 0;
    private const byte Node = 1;

    // Roots of whole subtrees, the largest first.
    private readonly Stack<byte[]> _roots = new();
    private long _count;

    public void Add(ReadOnlySpan<byte> line)
    {
        var hash = Hash(Leaf, line, []);
        for (var count = _count++; (count & 1) == 1; count >>= 1)
            hash = Hash(Node, _roots.Pop(), hash);
        _roots.Push(hash);
    }

    /// <summary>The root of what was added, as hexadecimal digits; of nothing, the hash of nothing.</summary>
    public string Root()
    {
        if (_count == 0)
            return Convert.ToHexStringLower(SHA256.HashData([]));
        using var roots = ((IEnumerable<byte[]>)_roots).GetEnumerator();
        roots.MoveNext();
        var root = roots.Current;
        while (roots.MoveNext())
            root = Hash(Node, roots.Current, root);
        return Convert.ToHexStringLower(root);
    }

    private static byte[] Hash(byte kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([kind]);
        hash.AppendData(first);
        hash.AppendData(second);
        return hash.GetHashAndReset();
    }
}
