namespace Migrator.Core.Failures;

/// <summary>Reasons why the server of an address is not used.</summary>
public sealed partial record Reason
{
    public static readonly Reason ServerNotFound = new(
        "server-not-found",
        FailureScope.Server,
        "Look up the server in the settings of a mail program or on the provider's pages, and give the URL of the account in place of the "
            + "address: imaps://USER@HOST. \"migrator discover\" shows what was asked."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason DiscoveryFailed = new(
        "discovery-failed",
        FailureScope.Server,
        "Check that this machine reaches its DNS servers (the setting Discovery:DnsServers names others), and run again. Or give the URL "
            + "of the account in place of the address: imaps://USER@HOST."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason ServerUnproven = new(
        "server-unproven",
        FailureScope.Server,
        "Check that this is the right server. If it is, give the URL from the message in place of the address; or run the command in a "
            + "terminal without --yes, and confirm the server there."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason TokenRequired = new(
        "token-required",
        FailureScope.Server,
        "Write a job file (\"migrator discover ADDRESS --out FILE\"), fill in the application, and run that. docs/providers.md lists the "
            + "steps for each provider."
    )
    {
        Category = FailureCategory.Configuration,
    };
}
