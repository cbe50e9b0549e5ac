using Xunit;

[assembly: AssemblyFixture(typeof(Migrator.Tests.Servers.PostgresFixture))]

namespace Migrator.Tests.Servers;

/// <summary>One PostgreSQL that all tests share, each with a database of its own; started by the first that wants it.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(PostgresServer.StartAsync);

    /// <summary>Skips the test where PostgreSQL is not installed.</summary>
    public Task<PostgresServer> StartedAsync()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed: run eng/install-test-servers.sh.");
        return _server.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully)
            await (await _server.Value).DisposeAsync();
    }
}
