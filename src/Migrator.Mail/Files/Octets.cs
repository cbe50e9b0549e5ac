using System.Security.Cryptography;
using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Takes the octets of one message, in pieces of any size, and hands them on, perhaps changed.</summary>
internal interface IOctets
{
    void Write(ReadOnlySpan<byte> octets);

    /// <summary>No more will come: what was held back goes on now.</summary>
    void End();
}

internal sealed class StreamOctets(Stream stream) : IOctets
{
    public void Write(ReadOnlySpan<byte> octets) => stream.Write(octets);

    public void End()
    {
    }
}

/// <summary>Counts and drops.</summary>
internal sealed class CountedOctets : IOctets
{
    public long Count { get; private set; }

    public void Write(ReadOnlySpan<byte> octets) => Count += octets.Length;

    public void End()
    {
    }
}

/// <summary>Lets through <paramref name="limit"/> octets at most, so that a receiver never gets more than it was told, and
/// hashes them.</summary>
internal sealed class HashedOctets(IOctets next, long limit) : IOctets, IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Count { get; private set; }

    /// <summary>With what was not let through.</summary>
    public long Offered { get; private set; }

    public bool IsFull => Count == limit;

    public void Write(ReadOnlySpan<byte> octets)
    {
        Offered += octets.Length;
        octets = octets[..(int)Math.Min(octets.Length, limit - Count)];
        Count += octets.Length;
        _hash.AppendData(octets);
        next.Write(octets);
    }

    public void End() => next.End();

    public ContentId Finish() => new(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}

/// <summary>Keeps the first octets and drops the rest.</summary>
internal sealed class FirstOctets(int limit) : IOctets
{
    private readonly MemoryStream _kept = new();

    /// <summary>The header is whole, or longer than the limit.</summary>
    public bool HasHeader => _kept.Length == limit || Kept.IndexOf("\n\n"u8) >= 0 || Kept.IndexOf("\n\r\n"u8) >= 0;

    public ReadOnlySpan<byte> Kept => _kept.GetBuffer().AsSpan(0, (int)_kept.Length);

    public void Write(ReadOnlySpan<byte> octets) => _kept.Write(octets[..(int)Math.Min(octets.Length, limit - _kept.Length)]);

    public void End()
    {
    }
}

/// <summary>A line end that is only LF becomes CRLF: mail on the wire has no other, and servers refuse or change it. Only
/// for what other programs wrote.</summary>
internal sealed class CrlfOctets(IOctets next) : IOctets
{
    private bool _afterCr;

    public void Write(ReadOnlySpan<byte> octets)
    {
        while (octets.Length > 0)
        {
            var end = octets.IndexOf((byte)'\n');
            if (end < 0)
            {
                _afterCr = octets[^1] == '\r';
                next.Write(octets);
                return;
            }
            var crlf = end > 0 ? octets[end - 1] == '\r' : _afterCr;
            next.Write(octets[..end]);
            next.Write(crlf ? "\n"u8 : "\r\n"u8);
            _afterCr = false;
            octets = octets[(end + 1)..];
        }
    }

    public void End() => next.End();
}

/// <summary>Drops everything up to the end of the first line: the separator line of an mbox entry.</summary>
internal sealed class AfterFirstLine(IOctets next, byte lineEnd = (byte)'\n') : IOctets
{
    private bool _passed;

    public void Write(ReadOnlySpan<byte> octets)
    {
        if (!_passed)
        {
            var end = octets.IndexOf(lineEnd);
            if (end < 0)
                return;
            _passed = true;
            octets = octets[(end + 1)..];
        }
        next.Write(octets);
    }

    public void End() => next.End();
}
