namespace Migrator.Core.Jobs;

/// <summary>How an administrator opens the mailbox of a user.</summary>
public enum AdminMethod
{
    /// <summary>SASL PLAIN with the user as authorization identity (RFC 4616).</summary>
    Plain,

    /// <summary>The administrator logs in, then PROXYAUTH changes to the user (Sun and Oracle, IMAP only).</summary>
    ProxyAuth,
}
