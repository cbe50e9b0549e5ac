using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Redaction;

namespace Migrator.Identity.Entra;

/// <summary>The token of another issuer, in a file that the environment renews (Kubernetes, a pipeline).</summary>
internal static class FederatedToken
{
    // Issuers renew it within the hour.
    private static readonly TimeSpan s_life = TimeSpan.FromDays(1);

    /// <exception cref="MailException">It cannot be read.</exception>
    public static Task<string> ReadAsync(string file, TimeProvider time)
    {
        try
        {
            var token = InputFile.ReadText(file, InputFile.MostOfSettings).Trim();
            SecretRedactor.Add(token, s_life, time);
            return Task.FromResult(token);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MailException(Reason.SecretMissing, $"the federated token in {file} cannot be read: {exception.Message}", exception);
        }
    }
}
