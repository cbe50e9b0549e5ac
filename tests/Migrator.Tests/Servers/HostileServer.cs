using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Servers;

/// <summary>A server on loopback that says what a test wants, in whatever protocol, for as long as the client listens.</summary>
public sealed partial class HostileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly List<Task> _connections = [];
    private readonly Func<Connection, Task> _play;
    private readonly Task _accepting;
    private int _accepted;

    public HostileServer(Func<Connection, Task> play)
    {
        _play = play;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Accepted => Volatile.Read(ref _accepted);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_ended.Token);
            Interlocked.Increment(ref _accepted);
            _connections.Add(PlayAsync(client));
        }
    }

    private async Task PlayAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                await _play(new Connection(stream, _ended.Token));
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
            {
                // The client has gone.
            }
        }
    }

    public sealed partial class Connection(NetworkStream stream, CancellationToken stop)
    {
        private readonly StreamReader _reader = new(stream, Encoding.Latin1, false, 1024, leaveOpen: true);

        /// <returns>The client's next line; null once it has gone.</returns>
        public async Task<string?> ReadAsync() => await _reader.ReadLineAsync(stop);

        /// <summary>The client's next IMAP command without its literals, which are asked for and read.</summary>
        /// <param name="patience">A client that says nothing for so long is taken to have gone.</param>
        /// <returns>Null once it has gone.</returns>
        public async Task<string?> ReadCommandAsync(TimeSpan patience)
        {
            var command = "";
            while (true)
            {
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop);
                waiting.CancelAfter(patience);
                if (await _reader.ReadLineAsync(waiting.Token) is not { } line)
                    return null;
                command += line;
                if (Literal().Match(line) is not { Success: true } literal)
                    return command;
                if (literal.Groups[2].Length == 0)
                    await SayAsync("+ OK\r\n");
                var content = new char[int.Parse(literal.Groups[1].Value, CultureInfo.InvariantCulture)];
                if (await _reader.ReadBlockAsync(content, waiting.Token) < content.Length)
                    return null;
            }
        }

        public async Task SayAsync(string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop);

        /// <summary>Says the same again and again until the client goes, or so many bytes were said.</summary>
        public async Task FloodAsync(string text, long most = long.MaxValue)
        {
            var bytes = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(text, Math.Max(1, (1 << 16) / text.Length))));
            for (var said = 0L; said < most; said += bytes.Length)
                await stream.WriteAsync(bytes, stop);
        }

        /// <summary>Says a byte now and then until the client goes.</summary>
        public async Task DripAsync()
        {
            while (true)
            {
                await SayAsync("A");
                await Task.Delay(50, stop);
            }
        }

        /// <summary>Says lines that are made from a number until the client goes.</summary>
        public async Task FloodAsync(Func<int, string> line)
        {
            for (var number = 1; ; number += 2000)
                await SayAsync(string.Concat(Enumerable.Range(number, 2000).Select(line)));
        }

        [GeneratedRegex(@"\{(\d+)(\+?)\}$")]
        private static partial Regex Literal();
    }
}
