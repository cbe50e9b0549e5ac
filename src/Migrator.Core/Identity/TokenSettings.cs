using Migrator.Core.Secrets;

namespace Migrator.Core.Identity;

/// <summary>How access tokens are obtained. Of equal settings, mailboxes share the tokens where the provider allows it.</summary>
public abstract record TokenSettings
{
    /// <summary>What they refer to.</summary>
    public abstract IEnumerable<SecretReference?> Secrets { get; }
}

/// <summary>Microsoft Entra ID.</summary>
/// <param name="Tenant">Its id or one of its domains; empty for a managed identity.</param>
/// <param name="ClientId">Application (client) id; empty for a system-assigned managed identity.</param>
public sealed record MicrosoftTokens(MicrosoftGrant Grant, string Tenant, string ClientId, MicrosoftCloud Cloud) : TokenSettings
{
    /// <summary>In place of the cloud's: for a cloud that is not known here.</summary>
    public Uri? Authority { get; init; }

    /// <summary>Of <see cref="MicrosoftGrant.ClientSecret"/>.</summary>
    public SecretReference? ClientSecret { get; init; }

    /// <summary>Of <see cref="MicrosoftGrant.Certificate"/>: a PFX or PEM file with its private key.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Null where the certificate's file has none.</summary>
    public SecretReference? CertificatePassword { get; init; }

    /// <summary>Of <see cref="MicrosoftGrant.Federation"/>: a file with a JWT that its issuer renews.</summary>
    public string? FederatedTokenFile { get; init; }

    public override IEnumerable<SecretReference?> Secrets => [ClientSecret, CertificatePassword];
}

/// <summary>A service account of Google with domain-wide delegation.</summary>
/// <param name="Key">The key in JSON, as the console gives it.</param>
/// <param name="Subject">The mailbox, where it is not the login name.</param>
public sealed record GoogleTokens(SecretReference Key, string? Subject) : TokenSettings
{
    public override IEnumerable<SecretReference?> Secrets => [Key];
}

/// <summary>Any other OAuth 2.0 server (RFC 6749).</summary>
/// <param name="RefreshToken">For the mailbox of one person; null for the client's own rights (client credentials).</param>
public sealed record OAuthTokens(
    Uri TokenEndpoint,
    string ClientId,
    SecretReference? ClientSecret,
    string? Scope,
    SecretReference? RefreshToken
) : TokenSettings
{
    public override IEnumerable<SecretReference?> Secrets => [ClientSecret, RefreshToken];
}
