using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Migrator.Tests.Servers;

/// <summary>Certificates made for the moment.</summary>
public static class TestCertificates
{
    public static X509Certificate2 SelfSigned(string host, DateTimeOffset? until = null)
    {
        using var key = RSA.Create(2048);
        var request = Request(host, key);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), until ?? DateTimeOffset.UtcNow.AddDays(2));
    }

    /// <summary>What a certificate may be for, in its extended key usage.</summary>
    public const string ForServers = "1.3.6.1.5.5.7.3.1",
        ForClients = "1.3.6.1.5.5.7.3.2",
        ForMail = "1.3.6.1.5.5.7.3.4";

    /// <param name="usage">One of those above; null for a certificate that does not say.</param>
    /// <param name="others">Names that it is valid for besides.</param>
    /// <returns>A certificate for <paramref name="host"/> and the authority that issued it.</returns>
    public static (X509Certificate2 Certificate, X509Certificate2 Authority) Issued(
        string host,
        string? usage = null,
        params IReadOnlyList<string> others
    ) => Issued(host, usage, null, others);

    /// <param name="issuerAt">A URL at which the authority's certificate is said to be; null for none.</param>
    /// <inheritdoc cref="Issued(string, string?, IReadOnlyList{string})"/>
    public static (X509Certificate2 Certificate, X509Certificate2 Authority) Issued(
        string host,
        string? usage,
        Uri? issuerAt,
        IReadOnlyList<string> others
    )
    {
        using var authorityKey = RSA.Create(2048);
        var authorityRequest = new CertificateRequest(
            "CN=Test authority",
            authorityKey,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var authority = authorityRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(3));
        using var key = RSA.Create(2048);
        var request = Request(host, key, others);
        if (usage is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        if (issuerAt is not null)
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerAt.AbsoluteUri]));
        using var issued = request.Create(
            authority,
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(2),
            RandomNumberGenerator.GetBytes(8)
        );
        return (issued.CopyWithPrivateKey(key), authority);
    }

    private static CertificateRequest Request(string host, RSA key, params IReadOnlyList<string> others)
    {
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in others.Prepend(host))
            names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
