using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Whatever an IMAP server does wrong, wherever: a copy from it ends, says "Complete" only of what is there, once and
/// unaltered, and with an honest server the next one makes it whole.</summary>
public sealed class HostileSourceTests
{
    public static TheoryData<string> Behaviors => HostileMatrix.AtSource;

    [Theory]
    [MemberData(nameof(Behaviors))]
    public Task A_source_that_misbehaves_never_makes_a_run_say_what_is_not_so(string behavior) =>
        HostileMatrix.GoThroughAsync(behavior, HostileRoute.CopySource);
}
