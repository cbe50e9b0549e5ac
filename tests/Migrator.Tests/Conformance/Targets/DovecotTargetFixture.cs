using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.Targets;

/// <summary>A Dovecot that hides some of what it can, shared by all facts of a suite.</summary>
public abstract class DovecotTargetFixture(params string[] hidden) : IAsyncLifetime
{
    public DovecotServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await DovecotServer.StartAsync(new DovecotOptions(Hidden: hidden));

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    public sealed class Pipelined() : DovecotTargetFixture("MULTIAPPEND");

    public sealed class OneByOne() : DovecotTargetFixture("MULTIAPPEND", "LITERAL+", "UIDPLUS", "MOVE");
}
