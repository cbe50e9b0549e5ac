using Migrator.Core.Failures;

namespace Migrator.Identity.Tokens;

/// <summary>Requests access tokens; knows none that was requested before.</summary>
internal interface ITokenGrant
{
    /// <exception cref="MailException">The token server refused, or was not reached.</exception>
    Task<AccessToken> RequestAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="Core.Identity.Credential.Explain"/>
    MailException? Explain(string token, MailException refusal) => null;
}
