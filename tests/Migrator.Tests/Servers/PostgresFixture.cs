using Xunit;

[assembly: AssemblyFixture(typeof(Migrator.Tests.Servers.PostgresFixture))]

namespace Migrator.Tests.Servers;

/// <summary>One PostgreSQL that all tests share, each with a database of its own; started by the first that wants it.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(PostgresServer.StartAsync);

    public Task<PostgresServer> StartedAsync() => _server.Value;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully)
            await (await _server.Value).DisposeAsync();
    }
}
