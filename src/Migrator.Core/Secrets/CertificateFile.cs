using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Migrator.Core.Files;

namespace Migrator.Core.Secrets;

/// <summary>A certificate with its private key in a file, PFX or PEM, and the certificates that lead from it to its authority.</summary>
public static class CertificateFile
{
    private const string Pem = "-----BEGIN ";

    /// <param name="password">Of the file; empty for none.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no right to it.</exception>
    /// <exception cref="CryptographicException">It is neither, has no private key, or the password is wrong.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Issuers) Load(string file, string password)
    {
        var bytes = InputFile.ReadAll(file, InputFile.MostOfSettings);
        var text = Encoding.UTF8.GetString(bytes);
        return text.Contains(Pem, StringComparison.Ordinal) ? FromPem(text, password) : FromPfx(bytes, password);
    }

    private static (X509Certificate2, X509Certificate2Collection) FromPem(string text, string password)
    {
        var certificate =
            password.Length > 0
                ? X509Certificate2.CreateFromEncryptedPem(text, text, password)
                : X509Certificate2.CreateFromPem(text, text);
        var issuers = new X509Certificate2Collection();
        issuers.ImportFromPem(text);
        if (OperatingSystem.IsWindows())
        {
            // TLS of Windows does not take a key that is in memory alone.
            using var loose = certificate;
            certificate = X509CertificateLoader.LoadPkcs12(loose.Export(X509ContentType.Pkcs12), null);
        }
        return (certificate, Others(issuers, certificate));
    }

    private static (X509Certificate2, X509Certificate2Collection) FromPfx(byte[] bytes, string password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(bytes, password.Length > 0 ? password : null);
        var certificate = all.FirstOrDefault(one => one.HasPrivateKey) ?? throw new CryptographicException("it holds no private key");
        return (certificate, Others(all, certificate));
    }

    private static X509Certificate2Collection Others(X509Certificate2Collection all, X509Certificate2 certificate) =>
        [.. all.Where(one => one.Thumbprint != certificate.Thumbprint)];
}
