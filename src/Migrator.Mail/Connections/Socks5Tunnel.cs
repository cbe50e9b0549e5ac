using System.Net;
using System.Net.Sockets;
using System.Text;
using Migrator.Core.Failures;

namespace Migrator.Mail.Connections;

/// <summary>SOCKS version 5 (RFC 1928), with user and password (RFC 1929) where there are any.</summary>
internal sealed class Socks5Tunnel(Stream stream, Func<Reason, string, Exception?, MailException> fail) : ProxyTunnel(stream, fail)
{
    private const byte Version = 5,
        LoginVersion = 1,
        NoLogin = 0,
        ByPassword = 2,
        Connect = 1;

    private const int LongestField = byte.MaxValue;

    private enum AddressKind : byte
    {
        V4 = 1,
        Name = 3,
        V6 = 4,
    }

    protected override async Task OpenAsync(string host, int port, string user, string password, CancellationToken cancellationToken)
    {
        await WriteAsync(user.Length > 0 ? [Version, 2, NoLogin, ByPassword] : [Version, 1, NoLogin], cancellationToken);
        var chosen = await AnswerAsync(2, cancellationToken);
        switch (chosen[1])
        {
            case NoLogin:
                break;
            case ByPassword when user.Length > 0:
                await LogInAsync(user, password, cancellationToken);
                break;
            default:
                throw Failed(
                    Reason.ProxyLoginRefused,
                    user.Length > 0 ? "does not accept a user and password" : "requires a login that is not configured"
                );
        }
        await WriteAsync([Version, Connect, 0, .. Address(host), (byte)(port >> 8), (byte)port], cancellationToken);
        var answer = await AnswerAsync(4, cancellationToken);
        if (answer[1] != 0)
            throw Refused(answer[1], host, port);
        // Where the proxy connected from; of no use, but it stands before what the mail server says.
        var length = (AddressKind)answer[3] switch
        {
            AddressKind.V4 => 4,
            AddressKind.V6 => 16,
            AddressKind.Name => (await ReadAsync(1, cancellationToken))[0],
            _ => throw NoProxy(),
        };
        await ReadAsync(length + 2, cancellationToken);
    }

    private async Task LogInAsync(string user, string password, CancellationToken cancellationToken)
    {
        var (name, secret) = (Encoding.UTF8.GetBytes(user), Encoding.UTF8.GetBytes(password));
        if (name.Length > LongestField || secret.Length is 0 or > LongestField)
            throw Failed(Reason.ProxyLoginRefused, $"takes a user and a password of 1 to {LongestField} bytes only (RFC 1929)");
        await WriteAsync([LoginVersion, (byte)name.Length, .. name, (byte)secret.Length, .. secret], cancellationToken);
        if ((await ReadAsync(2, cancellationToken))[1] != 0)
            throw Failed(Reason.ProxyLoginRefused, $"refused the login of {user}");
    }

    private async Task<byte[]> AnswerAsync(int length, CancellationToken cancellationToken)
    {
        var answer = await ReadAsync(length, cancellationToken);
        return answer[0] == Version ? answer : throw NoProxy();
    }

    private byte[] Address(string host)
    {
        if (IPAddress.TryParse(host, out var address))
            return
            [
                (byte)(address.AddressFamily == AddressFamily.InterNetworkV6 ? AddressKind.V6 : AddressKind.V4),
                .. address.GetAddressBytes(),
            ];
        var name = Encoding.ASCII.GetBytes(host);
        return name.Length <= LongestField
            ? [(byte)AddressKind.Name, (byte)name.Length, .. name]
            : throw Failed(Reason.ProxyForbidden, $"takes host names of at most {LongestField} bytes");
    }

    private MailException Refused(byte code, string host, int port)
    {
        var (reason, why) = code switch
        {
            2 => (Reason.ProxyForbidden, "its rules do not allow it"),
            3 => (Reason.ProxyDestination, "the network is unreachable"),
            4 => (Reason.ProxyDestination, "the host is unreachable"),
            5 => (Reason.ProxyDestination, "the connection was refused"),
            6 => (Reason.ProxyDestination, "it took too long"),
            7 => (Reason.ProxyForbidden, "it does not support CONNECT"),
            8 => (Reason.ProxyForbidden, "it does not support this kind of address"),
            _ => (Reason.ProxyDestination, $"it failed, code {code}"),
        };
        return Failed(reason, $"does not connect to {host}:{port}: {why}");
    }

    private MailException NoProxy() => Failed(Reason.ProxyUnreachable, "did not answer as a SOCKS5 proxy");
}
