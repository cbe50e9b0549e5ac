using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>The same of a copy to it.</summary>
public sealed class HostileTargetTests
{
    public static TheoryData<string> Behaviors => HostileMatrix.AtTarget;

    [Theory]
    [MemberData(nameof(Behaviors))]
    public Task A_target_that_misbehaves_never_makes_a_run_say_what_is_not_so(string behavior) =>
        HostileMatrix.GoThroughAsync(behavior, HostileRoute.CopyTarget);
}
