using Microsoft.Extensions.Logging;

namespace Migrator.Service.Settings;

internal static partial class VaultLog
{
    [LoggerMessage(5001, LogLevel.Information, "Secrets of Azure Key Vault at {Vault} have changed; they count from the next run on")]
    public static partial void VaultChanged(this ILogger log, string vault);

    [LoggerMessage(5002, LogLevel.Warning, "{Detail} What was read before counts until then; it is tried again in {Wait}")]
    public static partial void VaultAway(this ILogger log, string detail, TimeSpan wait);
}
