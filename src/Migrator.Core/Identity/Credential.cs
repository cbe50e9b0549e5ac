using Migrator.Core.Failures;

namespace Migrator.Core.Identity;

/// <summary>What proves to a mail server that somebody may open a mailbox: a password, or an OAuth access token.</summary>
public abstract class Credential
{
    /// <summary>The secret. A token is requested where there is none that is still good.</summary>
    /// <exception cref="MigratorException">There is none, and why.</exception>
    public abstract ValueTask<string> GetAsync(CancellationToken cancellationToken);

    /// <summary>Another secret in place of one that the server has refused.</summary>
    /// <returns>Null where there is none: a password is not sent again, as that locks accounts.</returns>
    /// <inheritdoc cref="GetAsync"/>
    public virtual ValueTask<string?> ReplaceAsync(string refused, CancellationToken cancellationToken) =>
        ValueTask.FromResult<string?>(null);

    /// <summary>Says why a server has refused a secret, where the secret itself tells.</summary>
    /// <returns>Null where nothing more is known.</returns>
    public virtual MailException? Explain(string refused, MailException refusal, MailLogin login) => null;

    /// <summary>What a token says before a mail server has seen it; one is requested for that.</summary>
    /// <returns>Null for a password.</returns>
    /// <inheritdoc cref="GetAsync"/>
    public virtual ValueTask<TokenDescription?> DescribeAsync(MailLogin login, CancellationToken cancellationToken) =>
        ValueTask.FromResult<TokenDescription?>(null);

    public static implicit operator Credential(string password) => new PasswordCredential(password);
}
