using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Migrator.Core.Failures;
using Migrator.Files.Bytes;
using Migrator.Files.Findings;
using Migrator.Files.Mbox;
using Migrator.Files.Messages;
using Migrator.Files.Names;

namespace Migrator.Files.Reading;

/// <summary>A file that holds one message: plainly, compressed, with a byte order mark, as Apple Mail wraps it. Which, its first bytes
/// tell.</summary>
internal sealed class LooseMessage : IStoredMessage
{
    private const int MostOfHead = 4096;

    // No server takes a message as long; what decompresses to more is an attack or damaged.
    private const long MostUnpacked = 1L << 30;

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> Gzip => [0x1F, 0x8B, 0x08];

    private static ReadOnlySpan<byte> Zstandard => [0x28, 0xB5, 0x2F, 0xFD];

    private readonly FilePump _pump;
    private readonly string _file;
    private readonly byte[] _head;
    private readonly List<FileFinding> _findings = [];
    private readonly bool _isGzip,
        _isZstandard,
        _isWide,
        _hasSeparator,
        _isPartial;
    private readonly long _offset;
    private readonly long _length = -1;

    /// <param name="pump">Has the file open.</param>
    /// <param name="file">Below the root.</param>
    /// <exception cref="MailException"><see cref="Reason.SourceUnreadable"/>: it is not a message.</exception>
    public LooseMessage(FilePump pump, string file)
    {
        (_pump, _file) = (pump, file);
        _head = new byte[MostOfHead];
        _head = _head[..pump.Read(_head, 0)];
        if (Problem(_head) is { } problem)
            throw Unreadable(problem);
        _isGzip = _head.AsSpan().StartsWith(Gzip);
        _isZstandard = _head.AsSpan().StartsWith(Zstandard);
        if (_isGzip || _isZstandard)
        {
            _findings.Add(FileFinding.Unpacked);
            return;
        }
        if (file.EndsWith(".emlx", StringComparison.OrdinalIgnoreCase))
        {
            (_offset, _length) = OfApple();
            _isPartial = file.EndsWith(".partial.emlx", StringComparison.OrdinalIgnoreCase);
        }
        var text = _head.AsSpan((int)_offset);
        if (WideText.IsWide(text))
        {
            (_isWide, _offset) = (true, _offset + WideText.BytesOfMark(text));
            _findings.Add(FileFinding.Wide);
            return;
        }
        if (text.StartsWith(Mark))
        {
            _offset += Mark.Length;
            text = text[Mark.Length..];
            _length -= _length < 0 ? 0 : Mark.Length;
            _findings.Add(FileFinding.Mark);
        }
        _hasSeparator = HasSeparator(text);
        if (!_hasSeparator)
            return;
        if (MboxFile.Read(_pump.Path, file, 0, new FileFindings(), CancellationToken.None).Messages.Skip(1).Any())
            throw Unreadable("it contains several messages, as an mbox does; import it separately with --format mbox");
        _findings.Add(FileFinding.SeparatorInMessage);
    }

    public bool MayHaveCarriageReturns => HeaderLine.Name(_head.AsSpan((int)Math.Min(_offset, _head.Length))) is not null;

    public void Run(IByteSink to, Func<bool>? enough, CancellationToken cancellationToken)
    {
        var stored = _hasSeparator ? new AfterFirstLine(to) : to;
        // It stands in for an attachment that is in another file.
        var leftOut = _isPartial ? new WordFinder([.. "\nX-Apple-Content-Length:"u8], stored) : null;
        stored = leftOut ?? stored;
        if (_isWide)
            stored = new WideToAscii(WideText.IsBigEndian(_head), stored);
        if (_isGzip || _isZstandard)
            Unpack(stored, enough, cancellationToken);
        else
            Plain(stored, enough, cancellationToken);
        if (leftOut?.Found == true)
            throw Unreadable(
                "Apple Mail keeps only part of this message here, without its attachments; export it from Mail as .eml once it "
                    + "is downloaded"
            );
    }

    public void Report(FileFindings findings, long size)
    {
        foreach (var finding in _findings)
            findings.Add(finding, _file);
        if (MaildirNames.Size(Path.GetFileName(_file)) is { } named && named != size)
            findings.Add(size < named ? FileFinding.CutShort : FileFinding.LongerThanNamed, _file);
    }

    /// <summary>What Apple Mail keeps behind the message; null in other files.</summary>
    public AppleProperties? Apple()
    {
        if (_length < 0)
            return null;
        var list = new byte[64 << 10];
        return AppleProperties.Parse(list.AsSpan(0, _pump.Read(list, _offset + _length)));
    }

    private void Plain(IByteSink to, Func<bool>? enough, CancellationToken cancellationToken)
    {
        try
        {
            _pump.Run(new FoundMessage(_file, _offset, _length), to, enough, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw Unreadable(exception.Message);
        }
    }

    private (long Offset, long Length) OfApple()
    {
        var end = _head.AsSpan().IndexOf((byte)'\n');
        if (end is < 1 or > 30 || !long.TryParse(Encoding.ASCII.GetString(_head.AsSpan(0, end)).Trim(), out var length) || length < 0)
            throw Unreadable("it does not begin with a number of bytes, as files of Apple Mail (.emlx) do");
        if (length > _pump.Length - end - 1)
            throw Unreadable($"it is cut short: it should contain a message of {length:N0} bytes and has {_pump.Length - end - 1:N0}");
        if (!EndsAt(end + 1, length))
            throw Unreadable(
                $"its first line says that the message has {length:N0} bytes, and the message does not end there; export it "
                    + "from Mail as .eml"
            );
        return (end + 1, length);
    }

    /// <summary>Whether the property list, or nothing, follows: a wrong length would cut the message, or make the list a part of
    /// it.</summary>
    private bool EndsAt(long offset, long length)
    {
        Span<byte> after = stackalloc byte[256],
            last = stackalloc byte[32];
        after = after[.._pump.Read(after, offset + length)].TrimStart(" \t\r\n"u8);
        last = last[.._pump.Read(last[..(int)Math.Min(last.Length, length)], offset + length - Math.Min(last.Length, length))]
            .TrimEnd(" \t\r\n"u8);
        return after.IsEmpty
            ? !last.EndsWith("</plist>"u8)
            : after.StartsWith("<?xml"u8) || after.StartsWith("<!DOCTYPE"u8) || after.StartsWith("<plist"u8);
    }

    private void Unpack(IByteSink to, Func<bool>? enough, CancellationToken cancellationToken)
    {
        using var packed = new PackedStream(_pump);
        using Stream unpacked = _isGzip ? new GZipStream(packed, CompressionMode.Decompress) : new ZstdSharp.DecompressionStream(packed);
        var (buffer, total) = (new byte[1 << 16], 0L);
        while (enough?.Invoke() != true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Unpacked(unpacked, buffer);
            if (count == 0)
            {
                // .NET takes a gzip that is cut off for one that has ended.
                if (_isGzip && SizeAtEnd() != (uint)total)
                    throw Unreadable("it is compressed with gzip, and its end is missing or damaged, or it consists of several gzip files");
                break;
            }
            if (
                total == 0
                && (Problem(buffer.AsSpan(0, count)) ?? (IsPacked(buffer.AsSpan(0, count)) ? "it is compressed twice" : null))
                    is { } problem
            )
                throw Unreadable(problem);
            total += count;
            if (total > MostUnpacked)
                throw Unreadable($"it is compressed and would be larger than {MostUnpacked >> 20:N0} MiB");
            to.Write(buffer.AsSpan(0, count));
        }
        to.End();
    }

    private int Unpacked(Stream unpacked, byte[] buffer)
    {
        try
        {
            return unpacked.Read(buffer, 0, buffer.Length);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or ZstdSharp.ZstdException)
        {
            throw Unreadable($"it is compressed with {(_isGzip ? "gzip" : "Zstandard")} and is damaged or cut off");
        }
    }

    private uint SizeAtEnd()
    {
        var size = new byte[4];
        return _pump.Read(size, Math.Max(0, _pump.Length - 4)) == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(size) : 0;
    }

    /// <summary>A line that other programs put before a message which they cut out of an mbox.</summary>
    private static bool HasSeparator(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        if (!text.StartsWith("From "u8) || end < 0)
            return false;
        return Separators.Kind(text[..end].TrimEnd((byte)'\r')) != SeparatorKind.None && HeaderLine.Name(text[(end + 1)..]) is not null;
    }

    private static bool IsPacked(ReadOnlySpan<byte> head) => head.StartsWith(Gzip) || head.StartsWith(Zstandard);

    private static string? Problem(ReadOnlySpan<byte> head) =>
        head switch
        {
            [] => "it is empty (0 bytes)",
            [0xD0, 0xCF, 0x11, 0xE0, ..] => "it is an Outlook message (.msg), which is not mail as it was sent; save it as .eml",
            [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, ..] =>
                "it is compressed with bzip2, which is not supported; decompress it first",
            [0xFD, 0x37, 0x7A, 0x58, 0x5A, ..] => "it is compressed with xz, which is not supported; decompress it first",
            [0x04, 0x22, 0x4D, 0x18, ..] => "it is compressed with LZ4, which is not supported; decompress it first",
            [(byte)'P', (byte)'K', 3, 4, ..] => "it is a ZIP archive; unpack it first",
            [0x1F, 0x9D, ..] => "it is compressed with compress (.Z), which is not supported; decompress it first",
            [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] =>
                "it is UTF-32, which no mail program writes; convert it to the encoding that it had",
            [(byte)'C', (byte)'R', (byte)'Y', (byte)'P', (byte)'T', (byte)'E', (byte)'D', 3, 7, ..] =>
                "it is encrypted by Dovecot (mail-crypt); decrypt it first, or copy it from the server",
            [0, 5, 0x16, 7, ..] => "it is what macOS keeps beside a file (AppleDouble), not a message",
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', (byte)'-', ..] => "it is a PDF document, not a message",
            [0x78, 0x9F, 0x3E, 0x22, ..] => "it is an Outlook attachment (winmail.dat), not a message",
            _ when IsBinary(head) => "it is not a message: it has no header and is not text",
            _ => head.StartsWith("Dovecot-LZ4"u8) ? "it is compressed with LZ4, which is not supported; decompress it first" : null,
        };

    /// <summary>A message may lack a header, and hold any byte. What is none begins with NUL soon and with no header.</summary>
    private static bool IsBinary(ReadOnlySpan<byte> head) =>
        head[..Math.Min(head.Length, 64)].Contains((byte)0)
        && !IsPacked(head)
        && !WideText.IsWide(head)
        && HeaderLine.Name(head) is null
        && !head.StartsWith("From "u8)
        && !head.StartsWith(Mark)
        && !char.IsAsciiDigit((char)head[0]);

    private MailException Unreadable(string problem) => new(Reason.SourceUnreadable, $"{_pump.Path}: {problem}.");

    /// <summary>The open file, for what reads streams only.</summary>
    private sealed class PackedStream(FilePump pump) : Stream
    {
        private long _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _at;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = pump.Read(buffer, _at);
            _at += count;
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
