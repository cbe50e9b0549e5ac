using System.Globalization;
using System.Net;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Mail.Connections;

/// <summary>Asks a proxy to connect to the mail server, on a connection to the proxy; afterwards that is the connection to the mail
/// server.</summary>
/// <remarks>Not by MailKit's proxy clients: theirs for SOCKS reads on without end where the proxy closes the connection, theirs for HTTP
/// takes an answer of any length, and neither tells a refused password from a refused destination.</remarks>
/// <param name="stream">To the proxy. Nothing beyond the proxy's answer is read of it.</param>
/// <param name="fail">Makes the failure of a reason and a text.</param>
internal abstract class ProxyTunnel(Stream stream, Func<Reason, string, Exception?, MailException> fail)
{
    private static readonly IdnMapping s_idn = new();

    /// <param name="password">Null where the proxy needs none.</param>
    /// <exception cref="MailException">Why the proxy does not connect.</exception>
    public static async Task OpenAsync(
        Stream stream,
        MailServer server,
        ProxyServer proxy,
        string? password,
        Func<Reason, string, Exception?, MailException> fail,
        CancellationToken cancellationToken
    )
    {
        MailException Failed(Reason reason, string what, Exception? inner) => fail(reason, $"the proxy {proxy} {what}", inner);

        ProxyTunnel tunnel = proxy.Kind == ProxyKind.Socks5 ? new Socks5Tunnel(stream, Failed) : new HttpTunnel(stream, Failed);
        try
        {
            await tunnel.OpenAsync(NameOf(server.Host), server.Port, proxy.User, password ?? "", cancellationToken);
        }
        catch (IOException exception)
        {
            throw Failed(Reason.ProxyUnreachable, $"ended the connection ({ExceptionClassifier.Innermost(exception)})", exception);
        }
    }

    /// <param name="host">A name, which the proxy looks up, or an address.</param>
    /// <param name="user">Empty for none.</param>
    protected abstract Task OpenAsync(string host, int port, string user, string password, CancellationToken cancellationToken);

    protected MailException Failed(Reason reason, string what) => fail(reason, what, null);

    protected ValueTask WriteAsync(byte[] bytes, CancellationToken cancellationToken) => stream.WriteAsync(bytes, cancellationToken);

    /// <exception cref="IOException">The proxy closed the connection.</exception>
    protected async Task<byte[]> ReadAsync(int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private static string NameOf(string host) => IPAddress.TryParse(host, out _) ? host : s_idn.GetAscii(host.TrimEnd('.'));
}
