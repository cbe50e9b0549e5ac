using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Migrator.Core.Jobs;

namespace Migrator.Tests.Servers;

/// <summary>A proxy on loopback whose network has names that no DNS knows: a client that gets there by such a name got there through
/// it.</summary>
public sealed class NameProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly ProxyKind _kind;
    private readonly string _name;
    private readonly Task _accepting;
    private long _carried;

    /// <param name="name">Leads to loopback.</param>
    public NameProxy(ProxyKind kind, string name)
    {
        (_kind, _name) = (kind, name);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public ProxyServer Server => new(_kind, "127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, "", null);

    /// <summary>Destinations as clients named them.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>Bytes that servers have sent.</summary>
    public long Carried => Interlocked.Read(ref _carried);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token)));
        }
        catch (Exception) when (_ended.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                var stream = client.GetStream();
                var (host, port) = _kind == ProxyKind.Socks5 ? await BySocksAsync(stream) : await ByHttpAsync(stream);
                _asked.Enqueue($"{host}:{port}");
                if (host == _name)
                    await server.ConnectAsync(IPAddress.Loopback, port, _ended.Token);
                await stream.WriteAsync(Answer(host == _name), _ended.Token);
                if (host != _name)
                    return;
                await Task.WhenAny(PumpAsync(stream, server.GetStream(), false), PumpAsync(server.GetStream(), stream, true));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One of them has gone.
            }
        }
    }

    private byte[] Answer(bool connected) =>
        _kind == ProxyKind.Socks5
            // Where it connected from: a name, which is the longest form.
            ? [5, (byte)(connected ? 0 : 4), 0, 3, 4, (byte)'h', (byte)'e', (byte)'r', (byte)'e', 0, 1]
            : Encoding.ASCII.GetBytes(connected ? "HTTP/1.0 200 Connection established\r\nVia: test\r\n\r\n" : "HTTP/1.1 502 Bad\r\n\r\n");

    private async Task<(string Host, int Port)> BySocksAsync(NetworkStream stream)
    {
        var methods = (await ReadAsync(stream, 2))[1];
        await ReadAsync(stream, methods);
        await stream.WriteAsync(new byte[] { 5, 0 }, _ended.Token);
        var kind = (await ReadAsync(stream, 4))[3];
        var host =
            kind == 3
                ? Encoding.ASCII.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0]))
                : new IPAddress(await ReadAsync(stream, kind == 1 ? 4 : 16)).ToString();
        var port = await ReadAsync(stream, 2);
        return (host, (port[0] << 8) | port[1]);
    }

    private async Task<(string Host, int Port)> ByHttpAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            text.Append((char)(await ReadAsync(stream, 1))[0]);
        var authority = text.ToString().Split(' ')[1];
        var colon = authority.LastIndexOf(':');
        return (authority[..colon], int.Parse(authority[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool fromServer)
    {
        var buffer = new byte[1 << 14];
        while (await from.ReadAsync(buffer, _ended.Token) is > 0 and var count)
        {
            if (fromServer)
                Interlocked.Add(ref _carried, count);
            await to.WriteAsync(buffer.AsMemory(0, count), _ended.Token);
        }
    }

    private async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, _ended.Token);
        return bytes;
    }
}
