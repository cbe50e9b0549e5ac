using Migrator.Core.Archives.Headers;
using Migrator.Core.Mail;
using Migrator.Mail.Search;
using Migrator.Tests.Corpus;

namespace Migrator.Tests.Fuzzing;

/// <summary>The bytes of messages, as far as they are read: to compare them, and for a search.</summary>
internal sealed class MessageTarget : FuzzTarget
{
    private const int Longest = 20_000;

    private static readonly HeaderQuery s_query = new("a", null, null, "x", null);

    public override string Name => "message";

    public override IReadOnlyList<byte[]> Inputs { get; } =
    [.. OddMessages.All.Select(message => message.Bytes).Where(bytes => bytes.Length is > 0 and < Longest)];

    public override IReadOnlyList<string> Tokens { get; } =
    [
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        "\r\n ",
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n",
        "Content-Type: message/rfc822\r\n",
        "Content-Type: text/plain; charset=utf-7\r\n",
        "Content-Type: text/plain; charset*0*=x''%\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Transfer-Encoding: x-uuencode\r\n",
        "\r\n--b\r\n",
        "\r\n--b--\r\n",
        "=?utf-8?B?w?=",
        "=?utf-16?Q?=D8?=",
        "=?x?Q?=",
        "?=",
        "=",
        "=C3",
        "<",
        ">",
        "(",
        "\"",
        "Date: 31 Feb 99999 25:61 +9999\r\n",
        "Subject: ",
        "From: ",
        "To: group: a@b;\r\n",
    ];

    public override Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        var whole = MessageFingerprint.Of(new MemoryStream(input), parts: true);
        // What is found must not depend on how the bytes come.
        foreach (var piece in new[] { 1, 7, 1000 })
        {
            if (MessageFingerprint.Of(new PieceStream(input, piece), parts: true) is var inPieces && !Same(whole, inPieces))
                throw new InvalidDataException($"In pieces of {piece} bytes, the message reads otherwise.");
        }
        foreach (var limits in new[] { HeaderLimits.Kept, HeaderLimits.Read })
        {
            var record = HeaderSplitter.Split(whole.Exact, input.Length, input, limits);
            _ = MessageHeaders.Of(record);
            s_query.Match(record);
            var stored = new MemoryStream();
            using (var writer = new BinaryWriter(stored, System.Text.Encoding.UTF8, leaveOpen: true))
                HeaderCodec.Write(writer, HeaderSplitter.Split(whole.Exact, input.Length, input, HeaderLimits.Kept));
            if (HeaderCodec.Read(stored.ToArray()) is not [_])
                throw new InvalidDataException("A header that was written is not read.");
        }
        WasRead = true;
        return Task.CompletedTask;
    }

    private static bool Same(MessageFingerprint one, MessageFingerprint other) =>
        (one with { Parts = null }) == (other with { Parts = null }) && !one.Parts!.Differences(other.Parts!).Any();

    private sealed class PieceStream(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, most)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, most));

        public override void CopyTo(Stream destination, int bufferSize)
        {
            var buffer = new byte[most];
            for (int count; (count = Read(buffer, 0, most)) > 0; )
                destination.Write(buffer, 0, count);
        }
    }
}
