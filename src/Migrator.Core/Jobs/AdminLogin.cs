namespace Migrator.Core.Jobs;

/// <summary>An administrator who opens the mailboxes of others: the password of the server is that of the administrator. The mailbox stays
/// the account in checkpoints and reports.</summary>
/// <param name="User">Login name of the administrator.</param>
public sealed record AdminLogin(string User, AdminMethod Method)
{
    /// <summary>What keeps an administrator from logging in to this server: the key that is wrong, and why; null where nothing
    /// does.</summary>
    public (string Key, string Message)? Obstacle(MailServer server)
    {
        if (server.Tls == TlsMode.None && !server.StaysLocal)
            return (
                "tls",
                "is \"none\": the password of the administrator, which opens every mailbox, could be read in transit. Use \"implicit\" or "
                    + "\"starttls\"."
            );
        if (Method == AdminMethod.ProxyAuth && server.Protocol == MailProtocol.Pop3)
            return ("adminLogin", "is \"proxyauth\", which POP3 does not have; use \"plain\".");
        var (method, word) = Method == AdminMethod.Plain ? (AuthMethod.Plain, "plain") : (AuthMethod.Login, "login");
        return server.Tokens is null && (server.Auth == AuthMethod.Auto || server.Auth == method)
            ? null
            : ("auth", $"does not fit this way in which the administrator logs in; leave it out, or use \"{word}\".");
    }
}
