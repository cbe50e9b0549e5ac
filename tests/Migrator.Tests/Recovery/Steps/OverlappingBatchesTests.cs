using Migrator.Core.Mail;
using Migrator.Tests.Memory;
using Xunit;
using static Migrator.Tests.Recovery.Steps.RecoveryWorld;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>A source that is faster than the target.</summary>
public sealed class OverlappingBatchesTests
{
    private const int Batch = 4;

    [Fact]
    public async Task The_next_batch_is_sent_before_the_one_before_it_is_recorded() =>
        Assert.Equal(
            ["Sending", "append", "Sending", "append", "Unchecked"],
            (await ChangesAsync(target => target.Add("INBOX", SpecialUse.Inbox))).Take(5)
        );

    [Fact]
    public async Task Where_the_target_may_have_a_message_each_batch_waits_for_the_one_before_it() =>
        Assert.Equal(
            ["Sending", "append", "Unchecked", "Sending"],
            (await ChangesAsync(target => target.Add("INBOX", SpecialUse.Inbox).Add(Letter(12), "", Day(12)))).Take(4)
        );

    /// <returns>What the run did, from the first message that it sent on.</returns>
    private static async Task<IEnumerable<string>> ChangesAsync(Action<MemoryMailSource> fill)
    {
        await using var world = new RecoveryWorld();
        var inbox = world.Source.Add("INBOX", SpecialUse.Inbox);
        for (var number = 1; number <= 3 * Batch; number++)
            inbox.Add(Letter(number), "", Day(number));
        fill(world.Target);
        using var captured = new ManualResetEventSlim();
        var left = 3 * Batch;
        world.OpenSource = _ =>
        {
            var session = world.Source.Session();
            session.BeforeMessage = _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                    captured.Set();
            };
            return Task.FromResult<IMailSource>(session);
        };
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox)
        {
            MaxBatch = Batch,
            BeforeAppend = () => Assert.True(captured.Wait(TimeSpan.FromMinutes(1)), "The source is held up."),
        };
        var steps = new RunSteps();

        await world.Run(steps);

        Assert.Equal(0, world.ShouldBeWhole());
        // How many messages are in the first batch depends on how fast they are captured.
        return steps.Changes.Select(change => change.Split(' ')[1]).SkipWhile(change => change != "Sending");
    }
}
