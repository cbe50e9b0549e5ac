using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Migrator.Core.Jobs;

namespace Migrator.Mail.Connections;

/// <summary>Decides whether a server's certificate is accepted, and remembers why not. A pinned certificate is judged by nothing else:
/// anyone who named it means the holder of that one key. Every other has to be made out for servers, by whichever authority.</summary>
internal sealed class CertificateValidator(MailServer server, X509Certificate2Collection? authorities)
{
    private static readonly Oid s_serverAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>As text, after a refusal; null before.</summary>
    public string? Refusal { get; private set; }

    /// <summary>How the chain of a server's certificate is built; null for the authorities of the system.</summary>
    public X509ChainPolicy? ChainPolicy
    {
        get
        {
            if (server.Trust.Fingerprint is null && authorities is null)
                return null;
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                // Where only the pinned certificate counts, each connection would wait for an address that the server chose: that of its
                // issuer.
                DisableCertificateDownloads = server.Trust.Fingerprint is not null,
            };
            // An authority of a company also makes out certificates for people and machines that must not pass for its servers.
            policy.ApplicationPolicy.Add(s_serverAuthentication);
            if (authorities is not null)
                policy.CustomTrustStore.AddRange(authorities);
            return policy;
        }
    }

    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = certificate is null
            ? "the server presents no certificate"
            : Judge(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()), chain, errors);
        return Refusal is null;
    }

    private string? Judge(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var fingerprint = certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
        var shown =
            $"; the server presents the certificate sha256:{fingerprint} ({certificate.Subject}, valid until "
            + $"{certificate.NotAfter.ToUniversalTime():yyyy-MM-dd})";
        if (server.Trust.Fingerprint is { } pinned)
            return pinned.Equals(fingerprint, StringComparison.OrdinalIgnoreCase) ? null : "the certificate is not the pinned one" + shown;
        if (authorities is not null)
        {
            // Only the chain is judged again; a name that does not match stays an error.
            using var own = new X509Chain { ChainPolicy = ChainPolicy! };
            foreach (var element in chain?.ChainElements.AsEnumerable() ?? [])
                own.ChainPolicy.ExtraStore.Add(element.Certificate);
            errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
            if (!own.Build(certificate))
                return Words(own) + shown;
        }
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"the certificate is not for {server.Host}" + shown;
        return errors == SslPolicyErrors.None ? null : (chain is null ? "the certificate is not trusted" : Words(chain)) + shown;
    }

    private static string Words(X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (sum, element) => sum | element.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return "the certificate has expired or is not valid yet";
        if (status.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            return "the certificate is not for servers: its extended key usage lacks server authentication";
        return chain.ChainElements.Count == 1 && status.HasFlag(X509ChainStatusFlags.UntrustedRoot)
            ? "the certificate is self-signed"
            : "the certificate's issuer is not trusted";
    }
}
