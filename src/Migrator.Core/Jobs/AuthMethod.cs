namespace Migrator.Core.Jobs;

public enum AuthMethod
{
    /// <summary>PLAIN inside TLS, the strongest that the server offers in plaintext; never more than one.</summary>
    Auto,
    Login,
    Plain,
    CramMd5,
    ScramSha1,
    ScramSha256,

    /// <summary>With an access token, by XOAUTH2 or OAUTHBEARER: what the server offers.</summary>
    OAuth,
    XOAuth2,
    OAuthBearer,
}
