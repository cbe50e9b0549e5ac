using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>The way to a server, which delays what passes and limits nothing: half of the round trip in each direction.</summary>
internal sealed class Link : IAsyncDisposable
{
    private readonly TcpListener? _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _delay;
    private readonly Task _accepting = Task.CompletedTask;

    /// <param name="roundTrip">Zero for a direct way.</param>
    public Link(DovecotServer server, TimeSpan roundTrip)
    {
        (Server, _delay, ImapsPort) = (server, roundTrip / 2, server.ImapsPort);
        if (roundTrip == TimeSpan.Zero)
            return;
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        ImapsPort = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(_listener);
    }

    public DovecotServer Server { get; }

    public int ImapsPort { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener?.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ConnectAsync(await listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ConnectAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, Server.ImapsPort, _stop.Token);
                (client.NoDelay, server.NoDelay) = (true, true);
                await Task.WhenAll(PassAsync(client.Client, server.Client), PassAsync(server.Client, client.Client));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // One end is gone; the other is closed with it.
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var passing = Channel.CreateUnbounded<(byte[] Bytes, DateTime Due)>();
        var reading = ReadAsync();
        await foreach (var (bytes, due) in passing.Reader.ReadAllAsync(_stop.Token))
        {
            if (due - DateTime.UtcNow is { Ticks: > 0 } left)
                await Task.Delay(left, _stop.Token);
            await to.SendAsync(bytes, _stop.Token);
        }
        await reading;
        to.Shutdown(SocketShutdown.Send);

        async Task ReadAsync()
        {
            var buffer = new byte[1 << 16];
            try
            {
                while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
                    passing.Writer.TryWrite((buffer[..read], DateTime.UtcNow + _delay));
            }
            finally
            {
                passing.Writer.Complete();
            }
        }
    }
}
