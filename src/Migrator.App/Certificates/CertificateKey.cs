using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Secrets;

namespace Migrator.App.Certificates;

/// <summary>What certificates of migrations are signed with.</summary>
public static class CertificateKey
{
    // Trust rests on the key: a signature is to be as good when the machine is long gone.
    private const int Years = 50;

    /// <summary>The key of this installation, made at its first use.</summary>
    /// <param name="path">The file, which the current user alone can read.</param>
    /// <exception cref="ConfigurationException">It cannot be read or made.</exception>
    public static X509Certificate2 OfInstallation(string path, TimeProvider time)
    {
        try
        {
            if (!File.Exists(path))
                Create(path, time);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Wrong(path, $"cannot be created: {exception.Message}", exception);
        }
        return Read(path, "", path);
    }

    /// <summary>The key in a file that somebody names.</summary>
    /// <param name="password">Of the file; empty for none.</param>
    /// <param name="option">Names it in errors.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or cannot sign.</exception>
    public static X509Certificate2 Read(string path, string password, string option)
    {
        try
        {
            var (certificate, _) = CertificateFile.Load(path, password);
            return certificate.HasPrivateKey ? certificate : throw new CryptographicException("it holds no private key");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Wrong(option, $"{path} cannot be used as a key: {exception.Message}", exception);
        }
    }

    /// <summary>By what the key is known.</summary>
    public static string Fingerprint(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));

    /// <summary>Moved to its place as a whole: a key that another process reads is never half of one.</summary>
    private static void Create(string path, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Migrator on {Environment.MachineName}", key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        var next = $"{path}.{Guid.NewGuid():n}";
        try
        {
            using (var file = PrivateFiles.Create(next))
            {
                file.Write(certificate.Export(X509ContentType.Pkcs12));
                file.Flush(flushToDisk: true);
            }
            File.Move(next, path);
        }
        // Another process was first: its key counts.
        catch (IOException) when (File.Exists(path)) { }
        finally
        {
            File.Delete(next);
        }
    }

    private static ConfigurationException Wrong(string option, string message, Exception cause) =>
        new(
            cause is CryptographicException ? "key" : "state directory",
            [new ConfigurationError(option, $"{message} Fix or move the file.")]
        );
}
