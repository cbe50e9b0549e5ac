using Migrator.Tests.Servers;

namespace Migrator.Tests.Terminal;

/// <summary>In a terminal of 80 columns.</summary>
public sealed class StandardScreenSession(DovecotFixture servers) : ScreenSession(80, servers);
