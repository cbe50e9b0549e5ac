namespace Migrator.Core.Jobs;

/// <summary>How somebody logs in.</summary>
public enum AuthMethod
{
    /// <summary>PLAIN inside TLS, the strongest that the server offers in plaintext; never more than one.</summary>
    Auto,
    Login,
    Plain,
    CramMd5,
    ScramSha1,
    ScramSha256,
    ScramSha512,

    /// <summary>Bound to the TLS connection (RFC 5802, section 6): a server in the middle cannot pass the login on.</summary>
    ScramSha1Plus,

    /// <inheritdoc cref="ScramSha1Plus"/>
    ScramSha256Plus,

    /// <inheritdoc cref="ScramSha1Plus"/>
    ScramSha512Plus,

    /// <summary>By the certificate that this side shows in TLS, without a password.</summary>
    External,

    /// <summary>With an access token, by XOAUTH2 or OAUTHBEARER: what the server offers.</summary>
    OAuth,
    XOAuth2,
    OAuthBearer,
}

/// <summary>What a way to log in requires.</summary>
public static class AuthMethods
{
    /// <summary>Whether it is bound to the TLS connection.</summary>
    public static bool IsBound(this AuthMethod method) =>
        method is AuthMethod.ScramSha1Plus or AuthMethod.ScramSha256Plus or AuthMethod.ScramSha512Plus;
}
