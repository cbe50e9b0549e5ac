using Migrator.Core.Secrets;

namespace Migrator.Core.Identity;

/// <summary>Lets somebody allow access to a mailbox in a browser, and keeps what comes of it.</summary>
public interface ILoginFlows : IDisposable
{
    /// <param name="settings">Those with <see cref="TokenSettings.IsInteractive"/>.</param>
    /// <param name="mailbox">The login name of the mailbox.</param>
    /// <returns>The account that has logged in, where the provider names it.</returns>
    /// <exception cref="Failures.MailException">It was declined, took too long or was refused.</exception>
    Task<string?> LogInAsync(
        TokenSettings settings,
        string mailbox,
        Func<SecretReference, string, string> resolve,
        ILoginPrompt prompt,
        CancellationToken cancellationToken
    );

    /// <summary>Under which the store keeps it.</summary>
    LoginKey KeyOf(TokenSettings settings, string mailbox);

    /// <summary>Deletes what a login has left, after the server was asked to revoke it, where it can be.</summary>
    /// <inheritdoc cref="LogInAsync"/>
    Task<LoginRevocation> RevokeAsync(
        TokenSettings settings,
        string mailbox,
        Func<SecretReference, string, string> resolve,
        CancellationToken cancellationToken
    );
}
