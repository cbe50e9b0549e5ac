using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Migrator.Service.Commands;
using Xunit;

namespace Migrator.Tests.Execution;

public sealed class HostShutdownTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_that_failed_is_no_good_end()
    {
        using var host = await StartAsync(() => throw new InvalidDataException("a fault"));

        Assert.Equal("a fault", (await Assert.ThrowsAsync<InvalidDataException>(() => HostShutdown.WaitAsync(host, Stop))).Message);
    }

    [Fact]
    public async Task Being_asked_to_stop_is_one()
    {
        using var host = await StartAsync(() => { });
        using var reported = new CancellationTokenSource();
        await reported.CancelAsync();

        await HostShutdown.WaitAsync(host, reported.Token);
    }

    private static async Task<IHost> StartAsync(Action work)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddHostedService(_ => new Service(work));
        var host = builder.Build();
        await host.StartAsync(Stop);
        return host;
    }

    private sealed class Service(Action work) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            work();
        }
    }
}
