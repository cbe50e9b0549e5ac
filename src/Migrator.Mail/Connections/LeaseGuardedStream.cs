using Migrator.Core.Checkpoints;

namespace Migrator.Mail.Connections;

/// <summary>A connection that sends nothing once the hold on the mailbox is lost. A worker that was stopped in the middle of an APPEND, and
/// wakes up when another has taken its place, must not complete it: the other has looked, has not found the message, and sends it
/// itself. Asked before each write to the socket, so that what is left is the instant between question and write.</summary>
internal sealed class LeaseGuardedStream(Stream inner, IMailboxLease lease) : ConnectionStream(inner)
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ThrowIfLost();
        Inner.Write(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfLost();
        return Inner.WriteAsync(buffer, cancellationToken);
    }

    // As a connection that is gone, which is what everybody above knows how to deal with; opening another asks the hold itself.
    private void ThrowIfLost()
    {
        try
        {
            lease.ThrowIfLost();
        }
        catch (LeaseLostException exception)
        {
            Inner.Dispose();
            throw new IOException(exception.Message, exception);
        }
    }
}
