using Migrator.Core.Failures;
using Migrator.Core.Identity;

namespace Migrator.Mail.Connections;

/// <summary>Opens a session with what a credential gives. A token that the server refuses is replaced once: it may have been revoked, or
/// have ended on the way.</summary>
internal static class CredentialLogin
{
    /// <param name="open">Given the secret; may be called twice.</param>
    /// <exception cref="MigratorException">There is no secret.</exception>
    public static async Task<T> RunAsync<T>(
        Credential credential,
        MailLogin login,
        Func<string, Task<T>> open,
        CancellationToken cancellationToken
    )
    {
        var secret = await credential.GetAsync(cancellationToken);
        for (var isReplaced = false; ; isReplaced = true)
        {
            try
            {
                return await open(secret);
            }
            catch (MailException exception) when (exception.Reason == Reason.TokenRefused)
            {
                var replacement = isReplaced ? null : await credential.ReplaceAsync(secret, cancellationToken);
                if (replacement is null || replacement == secret)
                    throw Explained(secret, exception);
                secret = replacement;
            }
            catch (MailException exception) when (exception.Reason == Reason.MailboxNotConnected)
            {
                throw Explained(secret, exception);
            }
        }

        MailException Explained(string refused, MailException exception) => credential.Explain(refused, exception, login) ?? exception;
    }
}
