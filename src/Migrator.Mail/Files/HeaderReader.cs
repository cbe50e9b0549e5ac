using Migrator.Core.Mail;
using MimeKit;

namespace Migrator.Mail.Files;

/// <summary>Reads the headers of messages, decoded for people, and passes over all else.</summary>
/// <param name="seen">Given UID and headers of each message.</param>
public sealed class HeaderReader(Action<uint, MessageHeaders> seen) : IContentReceiver
{
    public Stream Open(uint? uid, long size) => new HeaderStream();

    public ValueTask CompleteAsync(uint uid, Stream content, Arrival? arrival, CancellationToken cancellationToken)
    {
        using var held = (HeaderStream)content;
        seen(uid, held.Read());
        return default;
    }

    /// <summary>Keeps the beginning of what is written to it.</summary>
    private sealed class HeaderStream : ReceivingStream
    {
        // Longer headers than this are no letters'.
        private const int Most = 256 << 10;

        private readonly MemoryStream _held = new();
        private long _length;

        public override long Length => _length;

        public MessageHeaders Read()
        {
            _held.Position = 0;
            try
            {
                return MessageHeaders.Of(HeaderList.Load(_held));
            }
            catch (FormatException)
            {
                return MessageHeaders.None;
            }
        }

        public override void Write(ReadOnlySpan<byte> octets)
        {
            _length += octets.Length;
            _held.Write(octets[..(int)Math.Min(octets.Length, Most - _held.Length)]);
        }

    }
}

/// <summary>Headers that people look for; null where a message has none.</summary>
public sealed record MessageHeaders(string? From, string? To, string? Cc, string? Subject, string? Date, string? MessageId)
{
    public static readonly MessageHeaders None = new(null, null, null, null, null, null);

    internal static MessageHeaders Of(HeaderList headers) => new(headers[HeaderId.From], headers[HeaderId.To], headers[HeaderId.Cc], headers[HeaderId.Subject], headers[HeaderId.Date], headers[HeaderId.MessageId]);

    /// <summary>Whether one of them holds these letters, in whatever case.</summary>
    public bool Mention(string text) => new[] { From, To, Cc, Subject, MessageId }.Any(header => header?.Contains(text, StringComparison.OrdinalIgnoreCase) == true);
}
