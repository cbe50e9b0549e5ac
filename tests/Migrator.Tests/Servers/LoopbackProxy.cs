using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Migrator.Tests.Servers;

/// <summary>Stands between a client and a server on loopback and does what networks and servers do: cuts connections,
/// changes what the server says.</summary>
public sealed class LoopbackProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _ended = new();
    private readonly int _serverPort;
    private readonly Task _accepting;
    private readonly List<Task> _connections = [];
    private readonly Armed<Func<bool, string, bool>> _cut = new(nameof(CutWhen));
    private readonly Armed<Func<string, string>> _fromServer = new(nameof(FromServer)),
        _fromClient = new(nameof(FromClient));
    private readonly Armed<Func<string, bool>> _stall = new(nameof(StallWhen));
    private int _cuts;
    private int _accepted;

    /// <param name="port">Its own; 0 for any that is free.</param>
    public LoopbackProxy(int serverPort, int port = 0)
    {
        (_serverPort, _listener) = (serverPort, new TcpListener(IPAddress.Loopback, port));
        // Small, so that a stall is felt by anyone who writes on.
        _listener.Server.ReceiveBufferSize = 1 << 16;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Receives what passes: the direction and the text, as Latin-1.</summary>
    public Action<bool, string> Sees { get; set; } = (_, _) => { };

    /// <summary>Cuts the connection when what passes holds this; given the direction and the text, as Latin-1. Null for never.</summary>
    public Func<bool, string, bool>? CutWhen
    {
        get => _cut.Fault;
        set => _cut.Arm(value);
    }

    /// <summary>Changes what the server says, read by read. Null to change nothing.</summary>
    public Func<string, string>? FromServer
    {
        get => _fromServer.Fault;
        set => _fromServer.Arm(value);
    }

    /// <summary>Changes what the client says. Null to change nothing.</summary>
    public Func<string, string>? FromClient
    {
        get => _fromClient.Fault;
        set => _fromClient.Arm(value);
    }

    /// <summary>Stops taking what the client sends when it holds this, and keeps the connection: a server that hangs. Null for
    /// never.</summary>
    public Func<string, bool>? StallWhen
    {
        get => _stall.Fault;
        set => _stall.Arm(value);
    }

    /// <summary>Awaited before anything that the client sends is passed on: a network that holds everybody up.</summary>
    public Func<Task> HoldUp { get; set; } = () => Task.CompletedTask;

    /// <summary>The port of the server that the first, the second connection leads to; null for the same one always.</summary>
    public Func<int, int>? ServerOf { get; set; }

    /// <summary>How many connections there were.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many connections were cut.</summary>
    public int Cuts => _cuts;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _ended.Dispose();
        // What was proved without the fault is nothing.
        string[] idle = [.. new[] { _cut.NeverFired, _fromServer.NeverFired, _fromClient.NeverFired, _stall.NeverFired }.OfType<string>()];
        if (idle.Length > 0)
            throw new InvalidOperationException($"Never fired: {string.Join(", ", idle)}.");
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
            // The proxy ends.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                var number = Interlocked.Increment(ref _accepted);
                await server.ConnectAsync(IPAddress.Loopback, ServerOf?.Invoke(number) ?? _serverPort, _ended.Token);
                var (near, far) = (client.GetStream(), server.GetStream());
                await Task.WhenAny(PumpAsync(near, far, fromServer: false), PumpAsync(far, near, fromServer: true));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One side hung up.
            }
            client.Client.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool fromServer)
    {
        var buffer = new byte[1 << 16];
        try
        {
            for (int count; (count = await from.ReadAsync(buffer, _ended.Token)) > 0; )
            {
                var text = Encoding.Latin1.GetString(buffer, 0, count);
                Sees(fromServer, text);
                if (_cut.Fires(CutWhen?.Invoke(fromServer, text) == true))
                {
                    Interlocked.Increment(ref _cuts);
                    return;
                }
                if (!fromServer && _stall.Fires(StallWhen?.Invoke(text) == true))
                    await Task.Delay(Timeout.Infinite, _ended.Token);
                if (!fromServer)
                    await HoldUp().WaitAsync(_ended.Token);
                var passed = (fromServer ? FromServer : FromClient)?.Invoke(text) ?? text;
                (fromServer ? _fromServer : _fromClient).Fires(passed != text);
                await to.WriteAsync(Encoding.Latin1.GetBytes(passed), _ended.Token);
                // Anyone who says goodbye hangs up.
                if (passed != text && passed.StartsWith("* BYE", StringComparison.Ordinal))
                    return;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side hung up.
        }
    }

    /// <summary>A fault that waits for its moment.</summary>
    private sealed class Armed<T>(string name)
        where T : Delegate
    {
        private volatile bool _fired,
            _earlierDidNot;

        public T? Fault { get; private set; }

        /// <summary>Null where none was armed, or each has fired.</summary>
        public string? NeverFired => _earlierDidNot || (Fault is not null && !_fired) ? name : null;

        public void Arm(T? fault)
        {
            _earlierDidNot |= Fault is not null && !_fired;
            (Fault, _fired) = (fault, false);
        }

        public bool Fires(bool now)
        {
            if (now)
                _fired = true;
            return now;
        }
    }
}
