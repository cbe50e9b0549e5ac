using System.Security.Cryptography;

namespace Migrator.Core.Mail;

/// <summary>Reads messages for their content ids alone and keeps nothing of them.</summary>
/// <param name="seen">Given UID, content id and size in octets of each message, and its <see cref="CanonicalHash"/> where
/// that is wanted.</param>
/// <param name="canonical">The canonical hash is wanted; it costs as much again.</param>
public sealed class ContentHasher(Action<uint, ContentId, ContentId?, long> seen, bool canonical = false) : IContentReceiver
{
    public Stream Open(uint? uid, long size) => new HashStream(canonical);

    public ValueTask CompleteAsync(uint uid, Stream content, Arrival? arrival, CancellationToken cancellationToken)
    {
        using var hashed = (HashStream)content;
        seen(uid, new ContentId(hashed.Exact.GetHashAndReset()), hashed.Canonical?.Finish(), hashed.Length);
        return default;
    }

    /// <summary>The canonical hash of octets that are at hand.</summary>
    public static ContentId Canonical(Stream content)
    {
        using var hash = new CanonicalHash();
        var buffer = new byte[1 << 16];
        for (int count; (count = content.Read(buffer)) > 0;)
            hash.Append(buffer.AsSpan(0, count));
        return hash.Finish();
    }

    private sealed class HashStream(bool canonical) : ReceivingStream
    {
        private long _length;

        public IncrementalHash Exact { get; } = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public CanonicalHash? Canonical { get; } = canonical ? new CanonicalHash() : null;

        public override long Length => _length;

        public override void Write(ReadOnlySpan<byte> octets)
        {
            _length += octets.Length;
            Exact.AppendData(octets);
            Canonical?.Append(octets);
        }

        protected override void Dispose(bool disposing)
        {
            Exact.Dispose();
            Canonical?.Dispose();
            base.Dispose(disposing);
        }
    }
}
