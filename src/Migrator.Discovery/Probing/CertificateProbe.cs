using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Migrator.Core.Discovery;
using Migrator.Core.Jobs;

namespace Migrator.Discovery.Probing;

/// <summary>Begins TLS with a mail server to see its certificate, and closes the connection.</summary>
/// <param name="authorities">Trusted in place of the system's; null for those.</param>
internal sealed class CertificateProbe(X509Certificate2Collection? authorities)
{
    private const int LongestLine = 8 * 1024,
        MostLines = 100;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(8);

    /// <returns>Null where no connection can be opened, or it does not begin TLS.</returns>
    public async Task<ServerCertificate?> SeeAsync(DiscoveredServer server, string domain, CancellationToken stop)
    {
        if (server.Tls == TlsMode.None)
            return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_limit);
        try
        {
            using var socket = new TcpClient();
            // By the system's DNS, as the connection that follows is opened: what is seen here is what is to be expected there.
            await socket.ConnectAsync(server.Host, server.Port, limit.Token);
            var stream = socket.GetStream();
            if (server.Tls == TlsMode.StartTls && !await BeginsTlsAsync(stream, server.Protocol, limit.Token))
                return null;
            ServerCertificate? seen = null;
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = server.Host,
                    CertificateChainPolicy = Policy(),
                    RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    {
                        if (certificate is not null)
                            seen = See(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()), errors, server.Host, domain);
                        // Nothing follows: even an untrusted one is to be seen.
                        return certificate is not null;
                    },
                },
                limit.Token
            );
            return seen;
        }
        catch (Exception exception)
            when (exception
                    is SocketException
                        or IOException
                        or AuthenticationException
                        or CryptographicException
                        or OperationCanceledException
            )
        {
            stop.ThrowIfCancellationRequested();
            return null;
        }
    }

    private static ServerCertificate See(X509Certificate2 certificate, SslPolicyErrors errors, string host, string domain)
    {
        using (certificate)
            return new ServerCertificate(
                [.. Names(certificate).Select(Printable)],
                Printable(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true)),
                certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(),
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
                certificate.MatchesHostname(host, allowCommonName: false),
                certificate.MatchesHostname(domain, allowCommonName: false)
            );
    }

    private static IEnumerable<string> Names(X509Certificate2 certificate)
    {
        try
        {
            return
            [
                .. certificate
                    .Extensions.OfType<X509SubjectAlternativeNameExtension>()
                    .SelectMany(names => names.EnumerateDnsNames())
                    .Take(100),
            ];
        }
        // The server chooses this text.
        catch (CryptographicException)
        {
            return [];
        }
    }

    private static string Printable(string name) =>
        new string([.. name.Where(letter => letter is > ' ' and < (char)127 || letter == ' ')]) is var text && text.Length > 100
            ? text[..100]
            : text;

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        // A company's authority also issues certificates for people, who must not pass for its servers.
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        if (authorities is null)
            return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    /// <summary>Says STARTTLS; what comes before the answer to it is of no use and not looked at.</summary>
    private static async Task<bool> BeginsTlsAsync(Stream stream, MailProtocol protocol, CancellationToken stop)
    {
        var (greeting, command, yes) = protocol == MailProtocol.Pop3 ? ("+OK", "STLS", "+OK") : ("* OK", "M1 STARTTLS", "M1 OK");
        if (!Begins(await LineAsync(stream, stop), greeting))
            return false;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), stop);
        for (var lines = 0; lines < MostLines; lines++)
        {
            var line = await LineAsync(stream, stop);
            if (protocol == MailProtocol.Pop3 || !Begins(line, "* "))
                return Begins(line, yes);
        }
        return false;
    }

    private static bool Begins(string line, string word) => line.StartsWith(word, StringComparison.OrdinalIgnoreCase);

    // Byte by byte: what follows the answer belongs to TLS.
    private static async Task<string> LineAsync(Stream stream, CancellationToken stop)
    {
        var (line, one) = (new StringBuilder(), new byte[1]);
        while (line.Length < LongestLine)
        {
            await stream.ReadExactlyAsync(one, stop);
            if (one[0] == '\n')
                return line.ToString();
            line.Append((char)one[0]);
        }
        throw new IOException("The line is too long.");
    }
}
