using Migrator.Core.Failures;
using Migrator.Core.Redaction;

namespace Migrator.Identity.Entra;

/// <summary>The token of another issuer, in a file that is renewed by whoever runs this (Kubernetes, a pipeline).</summary>
internal static class FederatedToken
{
    /// <exception cref="MailException">It cannot be read.</exception>
    public static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var token = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
            SecretRedactor.Add(token);
            return token;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MailException(Reason.SecretMissing, $"the federated token in {file} cannot be read: {exception.Message}", exception);
        }
    }
}
