using Microsoft.Extensions.Logging;

namespace Migrator.Service.Dashboard.Security;

/// <summary>What is logged of logins that fail.</summary>
internal static partial class LoginLog
{
    [LoggerMessage(
        7002,
        LogLevel.Warning,
        "{User} (subject {Subject}) has logged in at the OpenID Connect provider and is not let in: {Why}"
    )]
    public static partial void NotAllowed(this ILogger log, string user, string subject, string why);

    [LoggerMessage(7003, LogLevel.Warning, "Logins from {Source} are refused for up to a minute: {Failures} have failed")]
    public static partial void LockedOut(this ILogger log, string source, int failures);

    [LoggerMessage(7004, LogLevel.Error, "The OpenID Connect provider {Provider} cannot be asked: {Detail}")]
    public static partial void ProviderAway(this ILogger log, Uri provider, string detail);
}
