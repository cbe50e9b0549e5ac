using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.Entra;

internal static class MicrosoftGrants
{
    /// <param name="secrets">Of <see cref="MicrosoftSecrets"/>.</param>
    /// <exception cref="ConfigurationException">The certificate is none, or has no private key.</exception>
    public static ITokenGrant Create(MicrosoftTokens settings, string[] secrets, HttpClient http, TimeProvider time) =>
        settings.Grant switch
        {
            MicrosoftGrant.ManagedIdentity => new ManagedIdentityGrant(settings, http),
            MicrosoftGrant.Certificate => new ApplicationGrant(
                settings,
                http,
                builder => builder.WithCertificate(Certificate(settings.CertificateFile!, secrets[0], secrets[1]), sendX5C: true)
            ),
            // Read each time: its issuer renews it.
            MicrosoftGrant.Federation => new ApplicationGrant(
                settings,
                http,
                builder =>
                    builder.WithClientAssertion((CancellationToken _) => FederatedToken.ReadAsync(settings.FederatedTokenFile!, time))
            ),
            _ => new ApplicationGrant(settings, http, builder => builder.WithClientSecret(secrets[0])),
        };

    private static X509Certificate2 Certificate(string file, string content, string password)
    {
        var bytes = Convert.FromBase64String(content);
        try
        {
            var certificate =
                bytes.AsSpan().IndexOf("-----BEGIN"u8) >= 0
                    ? OfPem(Encoding.UTF8.GetString(bytes), password)
                    : X509CertificateLoader.LoadPkcs12(bytes, password.Length > 0 ? password : null, X509KeyStorageFlags.EphemeralKeySet);
            return certificate.HasPrivateKey ? certificate : throw Wrong("has no private key");
        }
        catch (CryptographicException exception)
        {
            throw Wrong($"is not a PFX or PEM file with a certificate and its private key, or has another password ({exception.Message})");
        }

        ConfigurationException Wrong(string what) =>
            new("certificate of the application", [new ConfigurationError(file, $"{what}.")], Reason.SecretMissing);
    }

    private static X509Certificate2 OfPem(string text, string password) =>
        password.Length > 0 ? X509Certificate2.CreateFromEncryptedPem(text, text, password) : X509Certificate2.CreateFromPem(text, text);
}
