using System.Security.Cryptography;
using Migrator.Core.Mail;

namespace Migrator.Core.Spool;

/// <summary>Writes messages one after the other into segments. One task at a time.</summary>
public sealed class SpoolWriter : IDisposable
{
    private readonly SpoolDirectory _directory;
    private readonly long _segmentSize;
    private SpoolSegment? _segment;
    private EntryWriter? _last;

    internal SpoolWriter(SpoolDirectory directory, long segmentSize) => (_directory, _segmentSize) = (directory, segmentSize);

    /// <summary>Where the bytes of the next message go. Dispose it without <see cref="Complete"/> and they count for
    /// nothing.</summary>
    public Stream Begin()
    {
        // Two at once in one segment would lie over each other: what the first still holds in its buffer is not in the segment's length.
        if (_segment is null || _segment.Length >= _segmentSize || _last is { IsOpen: true })
        {
            _segment?.LetGo();
            _segment = new SpoolSegment(_directory.NextSegmentPath());
        }
        return _last = new EntryWriter(_segment);
    }

    /// <param name="written">What <see cref="Begin"/> gave; all bytes are written to it.</param>
    public SpoolEntry Complete(Stream written)
    {
        using var entry = (EntryWriter)written;
        var content = entry.Finish();
        return new SpoolEntry(_directory, entry.Segment, entry.Offset, entry.Bytes, content, entry.IsDelicate);
    }

    public void Dispose()
    {
        _segment?.LetGo();
        _segment = null;
    }

    private sealed class EntryWriter(SpoolSegment segment) : WriteOnlyStream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(1 << 16);
        private readonly FragileContentDetector _delicate = new();
        private int _buffered;
        private readonly SpoolSegment _held = Held(segment);

        public SpoolSegment Segment => segment;

        public long Offset { get; } = segment.Length;

        public long Bytes { get; private set; }

        public bool IsOpen { get; private set; } = true;

        public bool IsDelicate => _delicate.Found;

        public override long Length => Bytes;

        public ContentId Finish()
        {
            Spill();
            return new ContentId(_hash.GetHashAndReset());
        }

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            Bytes += bytes.Length;
            while (bytes.Length > 0)
            {
                var count = Math.Min(bytes.Length, _buffer.Length - _buffered);
                bytes[..count].CopyTo(_buffer.AsSpan(_buffered));
                _buffered += count;
                bytes = bytes[count..];
                if (_buffered == _buffer.Length)
                    Spill();
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (IsOpen)
            {
                IsOpen = false;
                _held.LetGo();
                _hash.Dispose();
                System.Buffers.ArrayPool<byte>.Shared.Return(_buffer);
            }
            base.Dispose(disposing);
        }

        private static SpoolSegment Held(SpoolSegment segment)
        {
            segment.Hold();
            return segment;
        }

        private void Spill()
        {
            if (_buffered == 0)
                return;
            _hash.AppendData(_buffer.AsSpan(0, _buffered));
            _delicate.Append(_buffer.AsSpan(0, _buffered));
            segment.Append(_buffer.AsSpan(0, _buffered));
            _buffered = 0;
        }
    }
}
