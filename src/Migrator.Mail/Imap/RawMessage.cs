using MailKit;
using MimeKit;
using MimeKit.IO;

namespace Migrator.Mail.Imap;

/// <summary>Makes MailKit append bytes that it neither parses nor rewrites.</summary>
/// <remarks>
/// MailKit appends <see cref="MimeMessage"/>s only, and a message that was parsed does not come out as it went in: a final
/// newline is added, a leading <c>From </c> line dropped, a bare LF changed. So the message given to it is a stub whose
/// one header is hidden when written and whose body copies the bytes. No separator line is written between the two
/// because the stub ends without one, which only <see cref="ExperimentalMimeParser"/> notes. All this rests on how this
/// MimeKit writes an entity: its version is pinned, and <see cref="CheckItself"/> runs before the first append.
/// </remarks>
internal static class RawMessage
{
    private const string MimeType = "application/x-raw";
    private static readonly byte[] s_stub = System.Text.Encoding.ASCII.GetBytes($"Content-Type: {MimeType}\r\n");
    private static readonly ParserOptions s_parser = Parser();

    /// <summary>How a message from <see cref="Create"/> must be written.</summary>
    public static readonly FormatOptions Format = RawFormat();

    public static MimeMessage Create(long size, Func<Stream> content)
    {
        var message = new ExperimentalMimeParser(s_parser, new MemoryStream(s_stub, writable: false), MimeFormat.Entity).ParseMessage();
        ((RawBody)message.Body!).Fill(size, content);
        return message;
    }

    /// <exception cref="InvalidOperationException">This build would alter mail.</exception>
    public static void CheckItself()
    {
        byte[] odd = [.. "From x\nno header"u8, 0, 0x80, (byte)'\r', (byte)'\n', (byte)'\n', (byte)'.', (byte)'\r'];
        using var message = Create(odd.Length, () => new MemoryStream(odd, writable: false));
        using var measured = new MeasuringStream();
        using var written = new MemoryStream();
        message.WriteTo(Format, measured);
        message.WriteTo(Format, written);
        if (measured.Length != odd.Length || !written.ToArray().AsSpan().SequenceEqual(odd))
            throw new InvalidOperationException(
                "This build of Migrator would alter mail on its way (the raw append check failed). Nothing was sent. Use a released build."
            );
    }

    private static ParserOptions Parser()
    {
        var options = new ParserOptions();
        options.RegisterMimeType(MimeType, typeof(RawBody));
        return options;
    }

    private static FormatOptions RawFormat()
    {
        var options = FormatOptions.Default.Clone();
        options.HiddenHeaders.Add(HeaderId.ContentType);
        return options;
    }

    /// <summary>An entity that is written as the bytes it was filled with. Public members only because MimeKit creates
    /// it by reflection.</summary>
    private sealed class RawBody(MimeEntityConstructorArgs args) : MimePart(args)
    {
        private long _size;
        private Func<Stream> _content = () => Stream.Null;

        public void Fill(long size, Func<Stream> content) => (_size, _content) = (size, content);

        public override void WriteTo(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
        {
            if (Measured(stream))
                return;
            using var content = _content();
            content.CopyTo(stream);
        }

        public override async Task WriteToAsync(
            FormatOptions options,
            Stream stream,
            bool contentOnly,
            CancellationToken cancellationToken = default
        )
        {
            if (Measured(stream))
                return;
            await using var content = _content();
            await content.CopyToAsync(stream, cancellationToken);
        }

        // The literal's size is announced before its bytes: MailKit asks for it by writing the message to a stream that only counts.
        private bool Measured(Stream stream)
        {
            if (stream is not MeasuringStream)
                return false;
            stream.SetLength(stream.Length + _size);
            return true;
        }
    }
}
