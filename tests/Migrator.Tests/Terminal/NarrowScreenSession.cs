using Migrator.Tests.Servers;

namespace Migrator.Tests.Terminal;

/// <summary>In a terminal of 60 columns.</summary>
public sealed class NarrowScreenSession(DovecotFixture servers) : ScreenSession(60, servers);
