using Migrator.Core.Secrets;

namespace Migrator.Core.Identity;

/// <summary>How access tokens are obtained. Of equal settings, mailboxes share the tokens where the provider allows it.</summary>
public abstract record TokenSettings
{
    /// <summary>What they refer to.</summary>
    public abstract IEnumerable<SecretReference?> Secrets { get; }

    /// <summary>Whether somebody must log in once, in a browser, before there are tokens.</summary>
    public virtual bool IsInteractive => false;
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

    /// <summary>Of <see cref="MicrosoftGrant.DeviceCode"/>; null for IMAP's.</summary>
    public string? Scope { get; init; }

    public override IEnumerable<SecretReference?> Secrets => [ClientSecret, CertificatePassword];

    public override bool IsInteractive => Grant == MicrosoftGrant.DeviceCode;
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
    /// <summary>An application of Google that a person allows in a browser. Google's device flow has no scope of mail.</summary>
    /// <param name="clientSecret">Google gives one to desktop applications too, and requires it.</param>
    public static OAuthTokens OfGoogle(string clientId, SecretReference clientSecret) =>
        new(new Uri("https://oauth2.googleapis.com/token"), clientId, clientSecret, "https://mail.google.com/", null)
        {
            // Without consent, a second login gives no refresh token.
            AuthorizationEndpoint = new Uri("https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent"),
            RevocationEndpoint = new Uri("https://oauth2.googleapis.com/revoke"),
        };

    /// <summary>Gives codes that a person enters on a page (RFC 8628).</summary>
    public Uri? DeviceEndpoint { get; init; }

    /// <summary>The page on which a person allows the client (RFC 6749, section 4.1).</summary>
    public Uri? AuthorizationEndpoint { get; init; }

    /// <summary>Ends what a refresh token allows (RFC 7009).</summary>
    public Uri? RevocationEndpoint { get; init; }

    public override IEnumerable<SecretReference?> Secrets => [ClientSecret, RefreshToken];

    public override bool IsInteractive => DeviceEndpoint is not null || AuthorizationEndpoint is not null;
}
