namespace Migrator.Core.Failures;

/// <summary>Reasons why a mailbox cannot be reached by an administrator, through a proxy, or with a certificate of this side.</summary>
public sealed partial record Reason
{
    public static readonly Reason AdminRefused = new(
        "admin-refused",
        FailureScope.Server,
        "Check adminUser and adminPassword, and that the server lets adminUser open the mailboxes of others: "
            + "docs/access.md has the steps for each server. Some servers say the same for a mailbox that does "
            + "not exist."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason AdminNotAllowed = new(
        "admin-not-allowed",
        FailureScope.Server,
        "Check that \"user\" is the login name of a mailbox there, and that adminUser may open it. The password was " + "accepted."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ProxyUnreachable = new(
        "proxy-unreachable",
        FailureScope.Server,
        "Check host and port in \"proxy\", that it is of this kind (socks5:// or http://), and that this machine can " + "reach it."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason ProxyLoginRefused = new(
        "proxy-login-refused",
        FailureScope.Server,
        "Check the user in \"proxy\", and proxyPassword."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ProxyForbidden = new(
        "proxy-forbidden",
        FailureScope.Server,
        "Let the proxy connect to host and port of the mail server: many allow port 443 only."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ProxyDestination = new(
        "proxy-destination-unreachable",
        FailureScope.Server,
        "Check host and port of the mail server: the proxy looks the name up, and its network may know others than this " + "machine."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason ClientCertificateUnreadable = new(
        "client-certificate-unreadable",
        FailureScope.Server,
        "Check clientCertificate: the file must be PFX, or PEM with the certificate and its private key, and its "
            + "password must be right."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason ClientCertificateRefused = new(
        "client-certificate-refused",
        FailureScope.Server,
        "Give a certificate in clientCertificate that an authority of the server has issued, and that has not expired " + "or been revoked."
    )
    {
        Category = FailureCategory.Connection,
    };
}
