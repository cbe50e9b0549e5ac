using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>The least that a copy can do: it passes messages from one connection to another in batches, without flags, dates, records,
/// hashes or any look at what it passes. What it takes is what the servers take.</summary>
internal sealed class Pump : IDisposable
{
    private const int MessagesOfABatch = 200;
    private const int BytesOfABatch = 4 << 20;

    private readonly SslStream _stream;
    private readonly byte[] _buffer = new byte[1 << 18];
    private int _start;
    private int _end;

    private Pump(SslStream stream) => _stream = stream;

    public static async Task<Pump> LogInAsync(DovecotServer server, string user)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(IPAddress.Loopback, server.ImapsPort);
        var pump = new Pump(
            new SslStream(
                tcp.GetStream(),
                leaveInnerStreamOpen: false,
                (_, certificate, _, _) =>
                    server.Fingerprint.Equals(certificate?.GetCertHashString(HashAlgorithmName.SHA256), StringComparison.OrdinalIgnoreCase)
            )
        );
        await pump._stream.AuthenticateAsClientAsync("localhost");
        await pump.LineAsync();
        await pump.SendAsync($"a LOGIN {user} {DovecotServer.Password}\r\n");
        await pump.AnswerAsync();
        return pump;
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>The messages of a folder, in batches.</summary>
    public async Task FetchAsync(string folder, ChannelWriter<List<byte[]>> batches)
    {
        await SendAsync($"a EXAMINE \"{folder}\"\r\n");
        await AnswerAsync();
        await SendAsync("a UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])\r\n");
        var (batch, bytes) = (new List<byte[]>(), 0);
        while (await LineAsync() is var line && !line.StartsWith("a ", StringComparison.Ordinal))
        {
            if (!line.EndsWith('}'))
                continue;
            var message = new byte[int.Parse(line[(line.LastIndexOf('{') + 1)..^1], CultureInfo.InvariantCulture)];
            await ReadAsync(message);
            await LineAsync();
            batch.Add(message);
            bytes += message.Length;
            if (batch.Count < MessagesOfABatch && bytes < BytesOfABatch)
                continue;
            await batches.WriteAsync(batch);
            (batch, bytes) = ([], 0);
        }
        if (batch.Count > 0)
            await batches.WriteAsync(batch);
        batches.Complete();
    }

    public async Task AppendAsync(string folder, ChannelReader<List<byte[]>> batches)
    {
        if (folder != "INBOX")
        {
            await SendAsync($"a CREATE \"{folder}\"\r\n");
            await AnswerAsync();
        }
        await foreach (var batch in batches.ReadAllAsync())
        {
            await SendAsync($"a APPEND \"{folder}\"");
            foreach (var message in batch)
            {
                await SendAsync($" \"01-Jan-2020 00:00:00 +0000\" {{{message.Length}+}}\r\n");
                await _stream.WriteAsync(message);
            }
            await SendAsync("\r\n");
            await AnswerAsync();
        }
    }

    private async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.ASCII.GetBytes(text));

    private async Task AnswerAsync()
    {
        string line;
        while (!(line = await LineAsync()).StartsWith("a ", StringComparison.Ordinal)) { }
        if (!line.StartsWith("a OK", StringComparison.Ordinal))
            throw new InvalidOperationException(line);
    }

    private async Task<string> LineAsync()
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.ASCII.GetString(_buffer, _start, length).TrimEnd('\r');
                _start += length + 1;
                return line;
            }
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            _end += await ReceiveAsync(_buffer.AsMemory(_end));
        }
    }

    private async Task ReadAsync(Memory<byte> into)
    {
        var buffered = Math.Min(into.Length, _end - _start);
        _buffer.AsMemory(_start, buffered).CopyTo(into);
        _start += buffered;
        await _stream.ReadExactlyAsync(into[buffered..]);
    }

    private async Task<int> ReceiveAsync(Memory<byte> into) =>
        await _stream.ReadAsync(into) is > 0 and var read ? read : throw new InvalidOperationException("The server hung up.");
}
