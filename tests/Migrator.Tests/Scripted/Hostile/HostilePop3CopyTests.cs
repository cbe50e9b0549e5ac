using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Whatever a POP3 server does wrong, wherever: no message is deleted there that is not at the target, and none comes
/// twice.</summary>
public sealed class HostilePop3CopyTests
{
    public static TheoryData<string> Behaviors => HostilePop3Matrix.Behaviors;

    [Theory]
    [MemberData(nameof(Behaviors))]
    public Task A_server_that_misbehaves_never_loses_mail_on_its_way_to_another(string behavior) =>
        HostilePop3Matrix.GoThroughAsync(behavior, () => new ImapDestination());
}
