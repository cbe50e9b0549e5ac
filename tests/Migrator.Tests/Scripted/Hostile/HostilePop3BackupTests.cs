using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>The same of an archive, by what a restore would get.</summary>
public sealed class HostilePop3BackupTests
{
    public static TheoryData<string> Behaviors => HostilePop3Matrix.Behaviors;

    [Theory]
    [MemberData(nameof(Behaviors))]
    public Task A_server_that_misbehaves_never_loses_mail_on_its_way_into_an_archive(string behavior) =>
        HostilePop3Matrix.GoThroughAsync(behavior, () => new ArchiveDestination());
}
