using Migrator.Core.Fetching;
using Xunit;

namespace Migrator.Tests.Mail;

public sealed class MessageSizesTests
{
    private const long MiB = 1 << 20;

    [Theory]
    // Sizes of some servers are estimates, and a message may be larger than the spool holds.
    [InlineData(1u, 100, 64 * MiB, true)]
    [InlineData(1u, 100, (64 * MiB) + 201, false)]
    [InlineData(1u, 500 * MiB, 500 * MiB, true)]
    [InlineData(1u, 1024 * MiB, 1024 * MiB, true)]
    [InlineData(1u, 1024 * MiB, (1024 * MiB) + 1, false)]
    // Not announced, or not known yet which one it is.
    [InlineData(2u, 0, 1024 * MiB, true)]
    [InlineData(null, 0, 256 * MiB, true)]
    [InlineData(null, 0, (256 * MiB) + 1, false)]
    public void A_message_may_come_larger_than_announced_up_to_a_bound(uint? uid, long announced, long bytes, bool taken) =>
        Assert.Equal(taken, new MessageSizes(asked => asked == 1 ? announced : null, 256 * MiB).Refuse(uid, bytes) is null);

    [Fact]
    public void A_higher_limit_of_the_spool_lets_larger_messages_pass() =>
        Assert.Null(new MessageSizes(_ => 3000 * MiB, 4096 * MiB).Refuse(1, 3000 * MiB));
}
