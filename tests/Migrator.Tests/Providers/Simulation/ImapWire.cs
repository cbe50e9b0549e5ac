using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>One end of a connection, read by lines and literals.</summary>
internal sealed class ImapWire(NetworkStream stream, CancellationToken stop)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _position,
        _end;

    /// <summary>Called before a literal is read: its length, and whether the sender waits until it is asked for.</summary>
    public Func<long, bool, Task>? OnLiteral { get; init; }

    /// <summary>Given how many bytes came.</summary>
    public Action<int> OnRead { get; init; } = _ => { };

    /// <returns>Null at the end of the connection.</returns>
    public async Task<ImapUnit?> ReadAsync()
    {
        var (texts, literals) = (new List<string>(), new List<byte[]>());
        while (await ReadLineAsync() is { } line)
        {
            var open = line.EndsWith('}') ? line.LastIndexOf('{') : -1;
            if (
                open < 0
                || !long.TryParse(line[(open + 1)..^1].TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            )
                return new ImapUnit([.. texts, line], literals);
            texts.Add(line[..open]);
            if (OnLiteral is { } announce)
                await announce(length, !line.EndsWith("+}", StringComparison.Ordinal));
            literals.Add(await ReadBytesAsync(length));
        }
        return null;
    }

    public async Task<string?> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_position == _end && !await FillAsync())
                return null;
            var end = Array.IndexOf(_buffer, (byte)'\n', _position, _end - _position);
            var upTo = end < 0 ? _end : end + 1;
            line.Append(Encoding.Latin1.GetString(_buffer, _position, upTo - _position));
            _position = upTo;
            if (end >= 0)
                return line.ToString().TrimEnd('\n').TrimEnd('\r');
        }
    }

    public async Task WriteAsync(byte[] bytes) => await stream.WriteAsync(bytes, stop);

    public Task WriteLineAsync(string line) => WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));

    private async Task<byte[]> ReadBytesAsync(long length)
    {
        var bytes = new byte[length];
        for (var count = 0; count < length; )
        {
            if (_position == _end && !await FillAsync())
                throw new IOException("The connection ended within a literal.");
            var some = Math.Min(_end - _position, bytes.Length - count);
            Array.Copy(_buffer, _position, bytes, count, some);
            (_position, count) = (_position + some, count + some);
        }
        return bytes;
    }

    private async Task<bool> FillAsync()
    {
        (_position, _end) = (0, await stream.ReadAsync(_buffer, stop));
        OnRead(_end);
        return _end > 0;
    }
}
