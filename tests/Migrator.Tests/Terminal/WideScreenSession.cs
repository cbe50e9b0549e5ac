using Migrator.Tests.Servers;

namespace Migrator.Tests.Terminal;

/// <summary>In a terminal of 140 columns.</summary>
public sealed class WideScreenSession(DovecotFixture servers) : ScreenSession(140, servers);
