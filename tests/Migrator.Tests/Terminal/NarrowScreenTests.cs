using Xunit;

namespace Migrator.Tests.Terminal;

/// <summary>Every command in a terminal of 60 columns.</summary>
public sealed class NarrowScreenTests(NarrowScreenSession session) : ScreenTests(session), IClassFixture<NarrowScreenSession>;
