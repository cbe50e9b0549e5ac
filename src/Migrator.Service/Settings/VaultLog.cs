using Microsoft.Extensions.Logging;

namespace Migrator.Service.Settings;

internal static partial class VaultLog
{
    [LoggerMessage(5001, LogLevel.Information, "Secrets of Azure Key Vault at {Vault} have changed; they apply from the next run on")]
    public static partial void VaultChanged(this ILogger log, string vault);

    [LoggerMessage(5002, LogLevel.Warning, "{Detail} The values read before apply until then; retrying in {Wait}")]
    public static partial void VaultAway(this ILogger log, string detail, TimeSpan wait);
}
