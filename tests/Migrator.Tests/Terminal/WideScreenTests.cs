using Xunit;

namespace Migrator.Tests.Terminal;

/// <summary>Every command in a terminal of 140 columns.</summary>
public sealed class WideScreenTests(WideScreenSession session) : ScreenTests(session), IClassFixture<WideScreenSession>;
