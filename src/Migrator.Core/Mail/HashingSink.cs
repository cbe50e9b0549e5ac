using System.Security.Cryptography;

namespace Migrator.Core.Mail;

/// <summary>Reads messages for their content ids alone and keeps nothing of them.</summary>
/// <param name="seen">Given UID, content id and size in bytes of each message.</param>
public sealed class HashingSink(Action<Uid, ContentId, ReceivedDate?, long> seen) : IContentSink
{
    public Stream Open(Uid? uid, long size) => new HashStream();

    public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        using var hashed = (HashStream)content;
        seen(uid, new ContentId(hashed.Exact.GetHashAndReset()), arrival, hashed.Length);
        return default;
    }

    private sealed class HashStream : WriteOnlyStream
    {
        private long _length;

        public IncrementalHash Exact { get; } = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override long Length => _length;

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            _length += bytes.Length;
            Exact.AppendData(bytes);
        }

        protected override void Dispose(bool disposing)
        {
            Exact.Dispose();
            base.Dispose(disposing);
        }
    }
}
