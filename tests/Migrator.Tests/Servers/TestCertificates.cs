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

    /// <returns>A certificate for <paramref name="host"/> and the authority that issued it.</returns>
    public static (X509Certificate2 Certificate, X509Certificate2 Authority) Issued(string host)
    {
        using var authorityKey = RSA.Create(2048);
        var authorityRequest = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var authority = authorityRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(3));
        using var key = RSA.Create(2048);
        using var issued = Request(host, key).Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2), RandomNumberGenerator.GetBytes(8));
        return (issued.CopyWithPrivateKey(key), authority);
    }

    private static CertificateRequest Request(string host, RSA key)
    {
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
