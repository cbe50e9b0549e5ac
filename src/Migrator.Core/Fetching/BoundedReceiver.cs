using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Fetching;

/// <summary>Leaves out messages that are far larger than they may be, before a single byte of them is kept.</summary>
/// <param name="refused">Receives which, and why.</param>
internal sealed class BoundedReceiver(IContentSink inner, MessageSizes sizes, Action<Uid, string> refused) : IContentSink
{
    // Less is read to its end and thrown away. For more, another connection costs less.
    private const long MostWasted = 16L << 20;

    public Stream Open(Uid? uid, long size)
    {
        if (sizes.Refuse(uid, size) is not { } why)
            return inner.Open(uid, size);
        if (uid is { } known)
            refused(known, why);
        return size <= MostWasted ? new Wasted() : throw new MailException(Reason.ConnectionLost, $"A message was not read: {why}.");
    }

    public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken) =>
        content is Wasted ? content.DisposeAsync() : inner.CompleteAsync(uid, content, arrival, cancellationToken);

    private sealed class Wasted : WriteOnlyStream
    {
        private long _bytes;

        public override long Length => _bytes;

        public override void Write(ReadOnlySpan<byte> bytes) => _bytes += bytes.Length;
    }
}
