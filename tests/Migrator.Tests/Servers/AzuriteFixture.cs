using Xunit;

[assembly: AssemblyFixture(typeof(Migrator.Tests.Servers.AzuriteFixture))]

namespace Migrator.Tests.Servers;

/// <summary>One Azurite that all tests share, each with a container of its own; started by the first that wants it, because it takes
/// seconds.</summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    private readonly Lazy<Task<AzuriteServer>> _server = new(AzuriteServer.StartAsync);

    /// <summary>Skips the test where Azurite is not installed.</summary>
    public Task<AzuriteServer> StartedAsync()
    {
        Assert.SkipUnless(AzuriteServer.IsInstalled, AzuriteServer.NotInstalled);
        return _server.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully)
            await (await _server.Value).DisposeAsync();
    }
}
