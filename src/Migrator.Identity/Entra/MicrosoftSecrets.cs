using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Identity;
using Migrator.Core.Secrets;

namespace Migrator.Identity.Entra;

/// <summary>What settings refer to, looked up: it decides which mailboxes share a token.</summary>
internal static class MicrosoftSecrets
{
    /// <returns>The secret of the client or the content of its certificate's file, in Base64; and the password of the file.</returns>
    /// <exception cref="ConfigurationException">Something is not where the settings say.</exception>
    public static string[] Resolve(MicrosoftTokens settings, Func<SecretReference, string, string> resolve) =>
        settings.Grant switch
        {
            MicrosoftGrant.ClientSecret => [resolve(settings.ClientSecret!, $"secret of the application {settings.ClientId}"), ""],
            MicrosoftGrant.Certificate =>
            [
                Certificate(settings.CertificateFile!),
                settings.CertificatePassword is { } password ? resolve(password, $"password of {settings.CertificateFile}") : "",
            ],
            _ => ["", ""],
        };

    private static string Certificate(string file)
    {
        try
        {
            return Convert.ToBase64String(InputFile.ReadAll(file, InputFile.MostOfSettings));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                "certificate of the application",
                [new ConfigurationError(file, $"cannot be read: {exception.Message}")],
                Reason.SecretMissing
            );
        }
    }
}
