using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Discovery;

/// <summary>Web servers of several names on one loopback port, over TLS with an authority of their own.</summary>
internal sealed class WebHosts : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly X509Certificate2 _authority;
    private readonly string[] _hosts;
    private readonly int _port;
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _answers = new();

    private WebHosts(WebApplication application, X509Certificate2 authority, string[] hosts, int port) =>
        (_application, _authority, _hosts, _port) = (application, authority, hosts, port);

    /// <summary>Every host that anyone wanted to connect to, known or not.</summary>
    public ConcurrentDictionary<string, bool> Sought { get; } = new();

    /// <summary>Every address that was requested.</summary>
    public ConcurrentQueue<string> Requested { get; } = new();

    public static async Task<WebHosts> StartAsync(params string[] hosts)
    {
        var (certificate, authority) = TestCertificates.Issued("localhost", null, hosts);
        var port = DovecotServer.FreePorts(1)[0];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(certificate)));
        var web = new WebHosts(builder.Build(), authority, hosts, port);
        web._application.Run(web.AnswerAsync);
        await web._application.StartAsync(TestContext.Current.CancellationToken);
        return web;
    }

    /// <param name="file">Host and path.</param>
    public void Add(string file, string content) => Add(file, context => context.Response.WriteAsync(content));

    public void Add(string file, Func<HttpContext, Task> answer) => _answers[file] = answer;

    public HttpMessageHandler Handler() =>
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectCallback = async (context, stop) =>
            {
                Sought[context.DnsEndPoint.Host] = true;
                if (!_hosts.Contains(context.DnsEndPoint.Host))
                    throw new SocketException((int)SocketError.HostNotFound);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, _port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { _authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var file = context.Request.Host.Host + context.Request.Path;
        Requested.Enqueue(file + context.Request.QueryString);
        if (_answers.TryGetValue(file, out var answer))
            return answer(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
