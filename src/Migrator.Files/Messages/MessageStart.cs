using Migrator.Core.Failures;
using Migrator.Files.Bytes;

namespace Migrator.Files.Messages;

/// <summary>Reads the header of a message in a file of its own.</summary>
internal static class MessageStart
{
    /// <returns>The beginning of the message, with LF or CRLF.</returns>
    /// <exception cref="MailException"><see cref="Reason.SourceUnreadable"/>.</exception>
    public static byte[] Read(IStoredMessage message)
    {
        var bytes = new FirstBytesSink(MessageHead.MaxLength);
        message.Run(bytes, () => bytes.HasHeader, CancellationToken.None);
        var head = bytes.Kept.ToArray();
        if (message.MayHaveCarriageReturns && !head.AsSpan().Contains((byte)'\n'))
            head.AsSpan().Replace((byte)'\r', (byte)'\n');
        return head;
    }
}
