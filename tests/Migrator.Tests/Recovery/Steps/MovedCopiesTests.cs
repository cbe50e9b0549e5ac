using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>The target moves mail as it arrives, and the append of a message that it moves is not answered.</summary>
public sealed class MovedCopiesTests
{
    [Theory]
    [InlineData("a rule of the target")]
    [InlineData("a rule of the target, no UIDPLUS")]
    public async Task Two_copies_are_reported_until_one_of_them_is_removed(string scenario)
    {
        var differences = 0;
        for (var number = 1; ; number++)
        {
            await using var world = new RecoveryWorld();
            await RecoveryScenarios.All[scenario](world);
            var killed = new RunSteps(number, FaultMoment.After);
            await Assert.ThrowsAsync<ProcessKilledException>(async () =>
            {
                await world.Run(killed);
                throw new ProcessKilledException("It ended.");
            });
            if (killed.Hit is null)
                break;
            await world.Run(new RunSteps());

            var partial = await world.Run(new RunSteps());
            var lists = RecoveryWorld.Find(world.Target, "Lists")!;
            var twice = lists.Messages.Values.GroupBy(message => ContentId.Of(message.Bytes)).Where(copies => copies.Count() > 1).ToList();
            foreach (var copies in twice)
                lists.Messages.Remove(copies.First().Uid);
            var complete = await world.Run(new RunSteps());

            Assert.Equal(twice.Count > 0 ? RunOutcome.Partial : RunOutcome.Complete, partial.Outcome);
            Assert.Equal(twice.Count, partial.Differences.Count);
            Assert.All(partial.Differences, difference => Assert.Equal(DifferenceKind.Duplicate, difference.Kind));
            Assert.All(partial.Differences, difference => Assert.StartsWith("2 copies in Lists", difference.Actual));
            Assert.Equal((RunOutcome.Complete, 0), (complete.Outcome, complete.Differences.Count));
            Assert.Equal(0, world.ShouldBeWhole());
            differences += twice.Count;
        }
        Assert.True(differences > 0, "No message came to the target twice.");
    }
}
