using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>A Cyrus that all facts of a suite share, each with a user of its own. Started by the first that needs it.</summary>
public sealed class CyrusFixture : IAsyncLifetime
{
    private CyrusServer? _server;

    public ValueTask InitializeAsync() => default;

    public async Task<CyrusServer> StartedAsync() => _server ??= await CyrusServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
