using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>The same of a backup of it, by what a restore would get.</summary>
public sealed class HostileBackupTests
{
    public static TheoryData<string> Behaviors => HostileMatrix.AtSource;

    [Theory]
    [MemberData(nameof(Behaviors))]
    public Task A_source_that_misbehaves_never_makes_a_backup_say_what_is_not_so(string behavior) =>
        HostileMatrix.GoThroughAsync(behavior, HostileRoute.BackupSource);
}
