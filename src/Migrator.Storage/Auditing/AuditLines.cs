using Migrator.Core.Files;

namespace Migrator.Storage.Auditing;

/// <summary>Goes through the lines of a file of the trail, whatever is in it, in bounded memory.</summary>
internal sealed class AuditLines : IDisposable
{
    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[2 * AuditLine.Longest];
    private int _start,
        _end,
        _length;
    private bool _ended;

    /// <exception cref="IOException">It cannot be read.</exception>
    public AuditLines(string path) => _file = new FileStream(RegularFile.OpenNamed(path), FileAccess.Read, bufferSize: 0);

    /// <summary>From 1.</summary>
    public long Number { get; private set; }

    /// <summary>With the line end, where it has one. What is longer than any line of ours comes in pieces.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_start - _length, _length);

    public bool HasLineEnd { get; private set; } = true;

    /// <returns>Null where this is not a line of a trail, or not as it was written.</returns>
    public AuditLine? Line => HasLineEnd ? AuditLine.Read(Bytes[..^1]) : null;

    /// <returns>False where there are no more.</returns>
    public bool Next()
    {
        if (HasLineEnd)
            Number++;
        while (true)
        {
            var found = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (found >= 0)
                return Take(found + 1, hasLineEnd: true);
            if (_ended)
                return _end > _start && Take(_end - _start, hasLineEnd: false);
            if (_end - _start == _buffer.Length)
                return Take(_buffer.Length, hasLineEnd: false);
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            var read = _file.Read(_buffer.AsSpan(_end));
            (_end, _ended) = (_end + read, read == 0);
        }
    }

    public void Dispose() => _file.Dispose();

    private bool Take(int length, bool hasLineEnd)
    {
        (_length, _start, HasLineEnd) = (length, _start + length, hasLineEnd);
        return true;
    }
}
