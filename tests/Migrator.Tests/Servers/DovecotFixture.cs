using Xunit;

[assembly: AssemblyFixture(typeof(Migrator.Tests.Servers.DovecotFixture))]

namespace Migrator.Tests.Servers;

/// <summary>Two Dovecots that most tests share, each with users of its own.</summary>
public sealed class DovecotFixture : IAsyncLifetime
{
    public DovecotServer Old { get; private set; } = null!;

    public DovecotServer New { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Old = await DovecotServer.StartAsync();
        New = await DovecotServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Old.DisposeAsync();
        await New.DisposeAsync();
    }
}
