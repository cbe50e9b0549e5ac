using Migrator.Core.Secrets;

namespace Migrator.Service.Settings;

/// <param name="Authority">Base address of the provider.</param>
/// <param name="ClientId">By which the provider knows this page.</param>
/// <param name="ClientSecret">Where the secret is that goes with it.</param>
/// <param name="UserClaim">Name of the claim that identifies a person; no other one does.</param>
/// <param name="TrustUnverifiedEmail">Whether the claim <c>email</c> counts where the provider does not say that it is verified.</param>
/// <param name="GroupClaim">Name of the claim that lists groups.</param>
/// <param name="Acting">Who may look and act.</param>
/// <param name="Looking">Who may look only.</param>
public sealed record OpenIdSettings(
    Uri Authority,
    string ClientId,
    SecretReference ClientSecret,
    string UserClaim,
    bool TrustUnverifiedEmail,
    string GroupClaim,
    PeopleList Acting,
    PeopleList Looking
)
{
    /// <summary>The subject is the only claim that a provider never gives to another person (OpenID Connect Core 1.0, section
    /// 5.7).</summary>
    public const string DefaultUserClaim = "sub";

    /// <summary>The one claim that a provider may hold without having verified it.</summary>
    public const string Email = "email";
}
