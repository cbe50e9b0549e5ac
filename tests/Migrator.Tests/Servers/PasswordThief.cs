using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Migrator.Tests.Servers;

/// <summary>Answers in the place of PostgreSQL and asks for the password in clear, whatever the client would rather do.</summary>
public sealed class PasswordThief : IAsyncDisposable
{
    private const int SslRequest = 80877103;
    private const int GssRequest = 80877104;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly X509Certificate2? _certificate;
    private readonly Lock _lock = new();
    private readonly List<string> _got = [];
    private readonly Task _serving;
    private int _connections;

    /// <param name="certificate">Shown where the client asks for TLS; null to say that there is none.</param>
    public PasswordThief(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>What clients sent when they were asked.</summary>
    public IReadOnlyList<string> Got
    {
        get
        {
            lock (_lock)
                return [.. _got];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var under = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                under.Add(AnswerAsync(client));
            }
        }
        catch (Exception) when (_end.IsCancellationRequested)
        {
            await Task.WhenAll(under);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var _ = client;
        Stream stream = client.GetStream();
        try
        {
            while (BinaryPrimitives.ReadInt32BigEndian(await MessageAsync(stream)) is var asked && asked is SslRequest or GssRequest)
            {
                var secure = asked == SslRequest && _certificate is not null;
                await stream.WriteAsync(secure ? "S"u8.ToArray() : "N"u8.ToArray(), _end.Token);
                if (!secure)
                    continue;
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _end.Token);
                stream = tls;
            }
            // AuthenticationCleartextPassword.
            await stream.WriteAsync(new byte[] { (byte)'R', 0, 0, 0, 8, 0, 0, 0, 3 }, _end.Token);
            await stream.ReadExactlyAsync(new byte[1], _end.Token);
            var password = Encoding.UTF8.GetString(await MessageAsync(stream)).TrimEnd('\0');
            lock (_lock)
                _got.Add(password);
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or OperationCanceledException
                        or System.Security.Authentication.AuthenticationException
                        or ObjectDisposedException
            )
        {
            // The client went, which is what it should do.
        }
    }

    private async Task<byte[]> MessageAsync(Stream stream)
    {
        var length = new byte[4];
        await stream.ReadExactlyAsync(length, _end.Token);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - 4];
        await stream.ReadExactlyAsync(body, _end.Token);
        return body;
    }
}
