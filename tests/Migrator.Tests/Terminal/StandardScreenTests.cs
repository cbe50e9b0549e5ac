using Xunit;

namespace Migrator.Tests.Terminal;

/// <summary>Every command in a terminal of 80 columns.</summary>
public sealed class StandardScreenTests(StandardScreenSession session) : ScreenTests(session), IClassFixture<StandardScreenSession>;
