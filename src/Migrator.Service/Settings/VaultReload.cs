using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migrator.App.Settings;
using Migrator.Core.Failures;

namespace Migrator.Service.Settings;

/// <summary>Reads the vault again and again while the service runs, so that a password that was changed there counts without a
/// restart. While the vault is away, what was read last counts.</summary>
public sealed class VaultReload(VaultConfiguration vault, TimeProvider time, ILogger<VaultReload> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(vault.ReloadEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await vault.ReadAsync(stoppingToken))
                    log.VaultChanged(vault.Address.Authority);
            }
            catch (StorageException exception)
            {
                log.VaultAway(exception.Message, vault.ReloadEvery);
            }
        }
    }
}
