using Migrator.Core.Failures;
using Migrator.Core.Identity;

namespace Migrator.Identity.Tokens;

/// <summary>Requests access tokens; knows none that was requested before.</summary>
internal interface ITokenGrant
{
    /// <exception cref="MailException">The token server refused, or was not reached.</exception>
    Task<AccessToken> RequestAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="Credential.Explain"/>
    MailException? Explain(string token, MailException refusal, MailLogin login) => null;

    /// <summary>What a token says, and what was asked for.</summary>
    TokenDescription Describe(string token, MailLogin login) => JwtClaims.Read(token)?.Describe() ?? new TokenDescription([], []);
}
