using System.Security.Cryptography;
using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Takes the bytes of one message, in pieces of any size, and hands them on, perhaps changed.</summary>
internal interface IByteSink
{
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>No more will come: what was held back is passed on now.</summary>
    void End();
}

internal sealed class StreamByteSink(Stream stream) : IByteSink
{
    public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    public void End() { }
}

/// <summary>Counts and drops.</summary>
internal sealed class CountingByteSink : IByteSink
{
    public long Count { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes) => Count += bytes.Length;

    public void End() { }
}

/// <summary>Lets through <paramref name="limit"/> bytes at most, so that a receiver never gets more than was announced to it, and
/// hashes them.</summary>
internal sealed class HashingByteSink(IByteSink next, long limit) : IByteSink, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Count { get; private set; }

    /// <summary>With what was not let through.</summary>
    public long Offered { get; private set; }

    public bool IsFull => Count == limit;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Offered += bytes.Length;
        bytes = bytes[..(int)Math.Min(bytes.Length, limit - Count)];
        Count += bytes.Length;
        _hash.AppendData(bytes);
        next.Write(bytes);
    }

    public void End() => next.End();

    public ContentId Finish() => new(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}

/// <summary>Keeps the first bytes and drops the rest.</summary>
internal sealed class FirstBytesSink(int limit) : IByteSink
{
    private readonly MemoryStream _kept = new();

    /// <summary>The header is whole, or longer than the limit.</summary>
    public bool HasHeader => _kept.Length == limit || Kept.IndexOf("\n\n"u8) >= 0 || Kept.IndexOf("\n\r\n"u8) >= 0;

    public ReadOnlySpan<byte> Kept => _kept.GetBuffer().AsSpan(0, (int)_kept.Length);

    public void Write(ReadOnlySpan<byte> bytes) => _kept.Write(bytes[..(int)Math.Min(bytes.Length, limit - _kept.Length)]);

    public void End() { }
}

/// <summary>A line end that is only LF becomes CRLF: mail on the wire has no other, and servers refuse or change it. Only
/// for what other programs wrote.</summary>
internal sealed class CrlfByteSink(IByteSink next) : IByteSink
{
    private bool _afterCr;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0)
            {
                _afterCr = bytes[^1] == '\r';
                next.Write(bytes);
                return;
            }
            var crlf = end > 0 ? bytes[end - 1] == '\r' : _afterCr;
            next.Write(bytes[..end]);
            next.Write(crlf ? "\n"u8 : "\r\n"u8);
            _afterCr = false;
            bytes = bytes[(end + 1)..];
        }
    }

    public void End() => next.End();
}

/// <summary>Drops everything up to the end of the first line: the separator line of an mbox entry.</summary>
internal sealed class AfterFirstLine(IByteSink next, byte lineEnd = (byte)'\n') : IByteSink
{
    private bool _passed;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!_passed)
        {
            var end = bytes.IndexOf(lineEnd);
            if (end < 0)
                return;
            _passed = true;
            bytes = bytes[(end + 1)..];
        }
        next.Write(bytes);
    }

    public void End() => next.End();
}
