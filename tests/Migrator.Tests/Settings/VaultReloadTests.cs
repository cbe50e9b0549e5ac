using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Migrator.App.Settings;
using Migrator.Service.Settings;
using Migrator.Tests.Notifications;
using Migrator.Tests.Servers;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Settings;

public sealed class VaultReloadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_changes_in_the_vault_counts_without_a_restart_and_while_it_is_away_what_was_read_last()
    {
        var (first, second, time, log) = (new PlantedSecret(), new PlantedSecret(), new FakeTimeProvider(), new ListLogger());
        await using var vault = await FakeKeyVault.StartAsync();
        vault.Secrets["Mailboxes--ann"] = $"{first}";
        var settings = await ConfigurationLoader.ReadAsync(
            null,
            [$"KeyVault:Uri={FakeKeyVault.Address}", "KeyVault:Reload=10m"],
            vault.Open,
            Stop
        );
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        using var reload = new VaultReload(
            settings.Providers.OfType<VaultConfiguration>().Single(),
            time,
            loggers.CreateLogger<VaultReload>()
        );
        await reload.StartAsync(Stop);

        (vault.Secrets["Mailboxes--ann"], vault.ToList) = ($"{second}", 403);
        await PassAsync(5002);
        Assert.Equal($"{first}", settings["Mailboxes:ann"]);

        vault.ToList = 200;
        await PassAsync(5001);
        Assert.Equal($"{second}", settings["Mailboxes:ann"]);

        await reload.StopAsync(Stop);
        first.ShouldNotBeIn(log.Everything);
        second.ShouldNotBeIn(log.Everything);

        async Task PassAsync(int @event)
        {
            while (log.Of(@event).Count == 0)
            {
                time.Advance(TimeSpan.FromMinutes(1));
                await Task.Delay(10, Stop);
            }
        }
    }
}
