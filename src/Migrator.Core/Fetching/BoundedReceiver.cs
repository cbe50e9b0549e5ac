using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Pacing;

namespace Migrator.Core.Fetching;

/// <summary>Takes messages at the pace of the account, and leaves out those that are far larger than they may be, before a single byte of
/// them is kept.</summary>
/// <param name="refused">Receives which, and why.</param>
internal sealed class BoundedReceiver(IContentSink inner, MessageSizes sizes, IPacer pacer, Action<Uid, string> refused) : IContentSink
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

    public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        if (content is Wasted)
            await content.DisposeAsync();
        else
            await inner.CompleteAsync(uid, content, arrival, cancellationToken);
        // Between two messages, nothing that was received is lost where the limit is reached.
        await pacer.AdmitAsync(TransferDirection.Download, 1, 0, cancellationToken);
    }

    private sealed class Wasted : WriteOnlyStream
    {
        private long _bytes;

        public override long Length => _bytes;

        public override void Write(ReadOnlySpan<byte> bytes) => _bytes += bytes.Length;
    }
}
