using System.Text;
using Migrator.Core.Failures;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Pop3;

/// <summary>Commands and answers on one connection (RFC 1939, section 3).</summary>
/// <remarks>
/// Of MailKit only the SASL mechanisms serve here. Its POP3 client holds a whole batch of messages in memory, does not say whether QUIT was
/// answered, without which no message counts as deleted, and misreads bare LF (<see cref="DotUnstuffer"/>).
/// </remarks>
/// <param name="where">Named in failures.</param>
internal sealed class Pop3Connection(Stream stream, string where, Transcript? transcript = null) : IAsyncDisposable
{
    // RFC 2449, section 4 allows 512 bytes; UIDLs and capabilities of some servers are longer.
    private const int LongestLine = 1 << 14;

    // Of the lines of one answer: UIDL of a million messages.
    private const long MostBytes = 128L << 20;

    private readonly byte[] _buffer = new byte[1 << 16];
    private Stream _stream = stream;
    private int _start;
    private int _end;

    /// <summary>Sends commands, each a line without its end, in one go.</summary>
    public async Task SendAsync(IEnumerable<string> commands, CancellationToken cancellationToken)
    {
        var lines = commands.ToList();
        foreach (var line in lines)
            transcript?.ClientLine(line);
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\r\n"))), cancellationToken);
        await _stream.FlushAsync(cancellationToken);
    }

    /// <summary>Before something is asked, once all that was asked is answered.</summary>
    /// <exception cref="IOException">There is another answer: each that follows would be taken for that of another message, and one of the
    /// same size would be stored, or deleted, in its place.</exception>
    public void ThrowIfOutOfStep()
    {
        if (_start != _end)
            throw new IOException("The server sent more than it was asked for.");
    }

    public async Task<Pop3Reply> RunAsync(string command, CancellationToken cancellationToken)
    {
        await SendAsync([command], cancellationToken);
        return await ReadReplyAsync(cancellationToken);
    }

    /// <summary>Runs a command whose answer has more lines.</summary>
    /// <param name="most">More lines than this end the session: a server that never stops would fill the memory.</param>
    /// <param name="take">Gets each line where the answer is not a refusal.</param>
    /// <exception cref="MailException">The server failed halfway and said so in place of the next line. Whether more follows, nobody knows:
    /// the session is of no more use. Or it said more than any server has to say.</exception>
    public async Task<Pop3Reply> RunForLinesAsync(string command, int most, Action<string> take, CancellationToken cancellationToken)
    {
        var reply = await RunAsync(command, cancellationToken);
        var (lines, bytes) = (0, 0L);
        while (reply.Ok && await ReadLineAsync(cancellationToken) is var line && line != ".")
        {
            if (++lines > most || (bytes += line.Length) > MostBytes)
                throw new MailException(
                    Reason.AnswerTooLong,
                    $"{where}: the server's answer to {command} does not end: {lines:N0} lines arrived."
                );
            if (Pop3Reply.Parse(line) is { Ok: false })
                throw new MailException(Reason.TemporaryFailure, $"{where}: the server broke off its answer to {command}: {line}");
            take(line);
        }
        return reply;
    }

    /// <exception cref="IOException">The server closed the connection, or does not speak POP3.</exception>
    public async Task<Pop3Reply> ReadReplyAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        return Pop3Reply.Parse(line)
            ?? throw new IOException($"The server sent an invalid POP3 response: {line[..Math.Min(line.Length, 80)]}");
    }

    /// <returns>The next line without its end.</returns>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end)
                await FillAsync(cancellationToken);
            var end = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            line.Append(Encoding.Latin1.GetString(_buffer, _start, (end < 0 ? _end : end) - _start));
            _start = end < 0 ? _end : end + 1;
            if (line.Length > LongestLine)
                throw new IOException("The server sends a line without end.");
            if (end < 0)
                continue;
            var text = line.ToString().TrimEnd('\r');
            transcript?.ServerLine(text);
            return text;
        }
    }

    /// <summary>The next line without its end, which the next call that reads gives once more.</summary>
    public async Task<string> PeekLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            if (end >= 0 || _end - _start >= LongestLine)
                return Encoding.Latin1.GetString(_buffer, _start, (end < 0 ? _end : end) - _start).TrimEnd('\r');
            if (_start > 0)
                _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            var count = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += count > 0 ? count : throw new IOException("The server closed the connection.");
        }
    }

    /// <summary>Reads the bytes that follow an answer, up to the dot that ends them.</summary>
    /// <param name="most">More than this ends the session.</param>
    /// <returns>What was seen on the way.</returns>
    public async Task<DotUnstuffer> ReadContentAsync(
        DotUnstuffer.Sink sink,
        long most,
        CancellationToken cancellationToken,
        bool keepDots = false
    )
    {
        var unstuffer = new DotUnstuffer(sink, keepDots);
        while (!unstuffer.Ended)
        {
            if (_start == _end)
                await FillAsync(cancellationToken);
            _start += unstuffer.Feed(_buffer.AsSpan(_start.._end));
            if (unstuffer.Raw > most)
                throw new IOException($"The server sends {unstuffer.Raw:N0} bytes of one message and does not end it.");
        }
        transcript?.Content(unstuffer.Raw, fromServer: true);
        return unstuffer;
    }

    /// <summary>Reads so many bytes, whatever they are.</summary>
    public async Task ReadBytesAsync(DotUnstuffer.Sink sink, long count, CancellationToken cancellationToken)
    {
        for (var left = count; left > 0; )
        {
            if (_start == _end)
                await FillAsync(cancellationToken);
            var taken = (int)Math.Min(left, _end - _start);
            sink(_buffer.AsSpan(_start, taken));
            (_start, left) = (_start + taken, left - taken);
        }
        transcript?.Content(count, fromServer: true);
    }

    /// <summary>Goes on in TLS.</summary>
    /// <exception cref="IOException">The server sent something before TLS began: anyone who listens on the way may have, to be taken for
    /// the server's answer in TLS.</exception>
    public async Task SecureAsync(Func<Stream, Task<Stream>> secure)
    {
        if (_start != _end)
            throw new IOException("The server sent more than an answer before TLS began.");
        _stream = await secure(_stream);
    }

    public ValueTask DisposeAsync()
    {
        transcript?.Dispose();
        return _stream.DisposeAsync();
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        _start = _end = 0;
        _end = await _stream.ReadAsync(_buffer, cancellationToken);
        if (_end == 0)
            throw new IOException("The server closed the connection.");
    }
}
