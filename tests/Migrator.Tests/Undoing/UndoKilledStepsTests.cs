using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Migrator.Tests.Recovery;
using Migrator.Tests.Recovery.Steps;
using Xunit;
using Xunit.Sdk;

namespace Migrator.Tests.Undoing;

/// <summary>Taking back fails at every single step: the process is killed there, a session is lost, the checkpoint cannot be written. The
/// next attempt ends what is left: nothing is lost, nothing is twice, and nothing of others is touched.</summary>
public sealed class UndoKilledStepsTests
{
    private static readonly string[] s_scenarios = ["batches", "no UIDPLUS", "copies first", "some named"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, StepFault, FaultMoment, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, StepFault, FaultMoment, bool>();
            foreach (var scenario in s_scenarios)
            {
                foreach (var moment in Enum.GetValues<FaultMoment>())
                {
                    foreach (var fault in Enum.GetValues<StepFault>())
                    {
                        cases.Add(scenario, fault, moment, false);
                        if (scenario != "no UIDPLUS")
                            cases.Add(scenario, fault, moment, true);
                    }
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Whatever_fails_the_next_attempt_ends_what_is_left(string scenario, StepFault fault, FaultMoment moment, bool removes)
    {
        for (var number = 1; ; number++)
        {
            await using var world = new RecoveryWorld();
            await ArrangeAsync(world, scenario);
            if (removes)
                ShouldBeUndone(world, await UndoAsync(world, new RunSteps(), removes: false));
            var steps = new RunSteps(number, moment, fault);
            try
            {
                await FailAsync(world, steps, removes);
                if (steps.Hit is null)
                {
                    Assert.True(number > 1, "No step failed.");
                    return;
                }
                world.ShouldHaveStrangers();
                if (!removes)
                    ShouldHaveAll(world);
                var report = await UndoAsync(world, new RunSteps(), removes);
                if (removes)
                    ShouldBeRemoved(world, report);
                else
                    ShouldBeUndone(world, report);
                var last = new RunSteps();
                await UndoAsync(world, last, removes);
                Assert.DoesNotContain(last.Changes, change => !change.StartsWith("checkpoint", StringComparison.Ordinal));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new XunitException($"Step {number}, {steps.Hit}: {exception.Message}", exception);
            }
        }
    }

    [Theory]
    [InlineData(FaultMoment.Before)]
    [InlineData(FaultMoment.After)]
    public async Task A_run_that_begins_again_may_be_killed_at_every_step(FaultMoment moment)
    {
        for (var number = 1; ; number += 3)
        {
            await using var world = new RecoveryWorld();
            await ArrangeAsync(world, "batches");
            ShouldBeUndone(world, await UndoAsync(world, new RunSteps(), removes: false));
            Assert.Equal(Reason.Undone.Code, (await world.Run(new RunSteps())).Stopped?.Code);
            ShouldBeUndone(world, null);
            world.Options = world.Options with { Again = true };
            var steps = new RunSteps(number, moment);
            try
            {
                await world.Run(steps);
            }
            catch (ProcessKilledException) { }
            if (steps.Hit is null)
                return;
            Assert.Equal(RunOutcome.Complete, (await world.Run(new RunSteps())).Outcome);
            world.Options = world.Options with { Again = false };
            Assert.Equal(RunOutcome.Complete, (await world.Run(new RunSteps())).Outcome);
            Assert.True(
                Copied(world).Concat(Moved(world)).Concat(world.Strangers).Order().SequenceEqual(There(world).Order()),
                $"Step {number}, {steps.Hit}:\n{string.Join('\n', There(world))}"
            );
        }
    }

    [Fact]
    public async Task Content_that_was_replaced_under_the_same_UID_stays()
    {
        await using var world = new RecoveryWorld();
        await ArrangeAsync(world, "batches");
        var inbox = RecoveryWorld.Find(world.Target, "INBOX")!;
        var (uid, message) = inbox.Messages.First(pair => !world.IsStranger(pair.Value));
        // As long as before.
        var bytes = message.Bytes.ToArray();
        bytes[^3] ^= 1;
        inbox.Messages[uid] = message with { Bytes = bytes };

        var report = await UndoAsync(world, new RunSteps(), removes: false);

        Assert.Equal(1, report.LeftCount);
        Assert.Contains("other content", report.Left.Single().Reason);
        Assert.Equal(bytes, inbox.Messages[uid].Bytes);

        var place = RecoveryWorld.Find(world.Target, "Undone/INBOX")!;
        (uid, message) = place.Messages.First();
        bytes = message.Bytes.ToArray();
        bytes[^3] ^= 1;
        place.Messages[uid] = message with { Bytes = bytes };

        var removed = await UndoAsync(world, new RunSteps(), removes: true);

        Assert.Contains("other content", removed.Left.Single().Reason);
        Assert.Equal(bytes, place.Messages.Values.Single().Bytes);
    }

    [Theory]
    [InlineData("batches")]
    [InlineData("no UIDPLUS")]
    public async Task Nothing_is_removed_for_good_while_the_first_step_is_half_done(string scenario)
    {
        await using var world = new RecoveryWorld();
        await ArrangeAsync(world, scenario);
        await StopHalfWayAsync(world);
        var before = There(world).ToList();

        var refused = await UndoAsync(world, new RunSteps(), removes: true);

        Assert.Equal(Reason.UndoRefused.Code, refused.Stopped?.Code);
        // Nor does a run that a schedule starts bring anything back.
        Assert.Equal(Reason.Undone.Code, (await world.Run(new RunSteps())).Stopped?.Code);
        Assert.Equal(before, There(world));
    }

    [Fact]
    public async Task An_original_that_was_copied_and_touched_since_stays()
    {
        await using var world = new RecoveryWorld();
        await ArrangeAsync(world, "copies first");
        await StopHalfWayAsync(world);
        var folder = world.Target.Folders.First(folder => folder.Path.Names[0] != "Undone" && folder.Messages.Values.Any(Copied));
        var (uid, message) = folder.Messages.First(pair => Copied(pair.Value));
        folder.Messages[uid] = message with { Flags = FlagSet.Parse("\\Answered mine") };

        var report = await UndoAsync(world, new RunSteps(), removes: false);

        Assert.Contains("its flags were changed", report.Left.Single().Reason);
        Assert.Equal(message.Bytes, folder.Messages[uid].Bytes);
        // It is not taken for half done.
        Assert.NotEqual(Reason.UndoRefused.Code, (await UndoAsync(world, new RunSteps(), removes: true)).Stopped?.Code);

        bool Copied(MemoryMailSource.Message there) =>
            !world.IsStranger(there)
            && world.Target.Folders.Exists(other =>
                other.Path.Names[0] == "Undone" && other.Messages.Values.Any(copy => copy.Bytes.SequenceEqual(there.Bytes))
            );
    }

    /// <summary>One that is the same as a copy that was about to be moved when the process was killed.</summary>
    [Fact]
    public async Task A_message_that_the_user_has_put_among_those_that_were_moved_is_not_taken_for_a_copy()
    {
        await using var world = new RecoveryWorld();
        await ArrangeAsync(world, "batches");
        var inbox = RecoveryWorld.Find(world.Target, "INBOX")!;
        var (uid, message) = inbox.Messages.First(pair => !world.IsStranger(pair.Value));
        inbox.Messages[uid] = message with { Flags = FlagSet.Parse("\\Answered") };
        await UndoAsync(world, new RunSteps(), removes: false);
        inbox.Messages[uid] = message;
        world.AddStranger("Undone/INBOX", message.Bytes, message.Flags.ToString(), message.InternalDate);
        for (var (steps, number) = (new RunSteps(), 1); steps.Hit?.Contains("move", StringComparison.Ordinal) != true; number++)
        {
            steps = new RunSteps(number);
            await Assert.ThrowsAsync<ProcessKilledException>(() => UndoAsync(world, steps, removes: false));
        }

        var report = await UndoAsync(world, new RunSteps(), removes: false);
        await UndoAsync(world, new RunSteps(), removes: true);

        Assert.Equal((1L, 0L), (report.Taken, report.LeftCount));
        world.ShouldHaveStrangers();
        Assert.Equal(world.Strangers.Order(), There(world).Order());
    }

    /// <summary>Killed in the middle of the first move.</summary>
    private static async Task StopHalfWayAsync(RecoveryWorld world)
    {
        var steps = new RunSteps(1, FaultMoment.Half);
        await Assert.ThrowsAsync<ProcessKilledException>(() => UndoAsync(world, steps, removes: false));
        Assert.Contains("move", steps.Hit);
    }

    private static async Task ArrangeAsync(RecoveryWorld world, string scenario)
    {
        await RecoveryScenarios.All[scenario == "no UIDPLUS" ? scenario : "batches"](world);
        if (scenario == "copies first")
            world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4, MovesByCopy = true };
        // One of two twins.
        if (scenario == "some named")
            world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4, MostNamed = 2 };
        await world.CopyAsync();
    }

    private static async Task FailAsync(RecoveryWorld world, RunSteps steps, bool removes)
    {
        try
        {
            var report = await UndoAsync(world, steps, removes);
            if (steps.Hit?.StartsWith("checkpoint", StringComparison.Ordinal) == true)
                Assert.Equal(RunOutcome.Aborted, report.Outcome);
            else
                Assert.True(report.Outcome == RunOutcome.Complete, $"{report.Outcome}: {report.Stopped?.Detail}");
        }
        catch (ProcessKilledException) { }
        catch (MigratorException) when (steps.Hit?.StartsWith("checkpoint", StringComparison.Ordinal) == true) { }
    }

    private static async Task<UndoReport> UndoAsync(RecoveryWorld world, RunSteps steps, bool removes)
    {
        await using var store = world.OpenStore(steps);
        return await new Undo(
            world.Transfer,
            world.Ends(steps),
            store,
            new UndoRequest(UndoRequest.DefaultPlace, removes),
            new ImmediateClock(),
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);
    }

    /// <summary>Everything that was delivered is somewhere.</summary>
    private static void ShouldHaveAll(RecoveryWorld world)
    {
        var left = There(world).Select(line => line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..]).ToList();
        foreach (var line in Copied(world).Select(line => line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..]))
            Assert.True(left.Remove(line), $"{line} is lost");
    }

    private static void ShouldBeUndone(RecoveryWorld world, UndoReport? report)
    {
        Assert.True(report is null or { Outcome: RunOutcome.Complete, LeftCount: 0 }, $"{report?.Outcome} {report?.LeftCount}");
        Assert.Equal(Moved(world).Concat(world.Strangers).Order(), There(world).Order());
        Assert.Null(RecoveryWorld.Find(world.Target, "Empty"));
    }

    private static void ShouldBeRemoved(RecoveryWorld world, UndoReport report)
    {
        Assert.True(report is { Outcome: RunOutcome.Complete, LeftCount: 0 }, $"{report.Outcome} {report.LeftCount}");
        Assert.Equal(world.Strangers.Order(), There(world).Order());
        Assert.DoesNotContain(world.Target.Folders, folder => folder.Path.Names[0] == "Undone");
    }

    private static IEnumerable<string> Copied(RecoveryWorld world) => Lines(world.Source, "");

    private static IEnumerable<string> Moved(RecoveryWorld world) => Lines(world.Source, "Undone/");

    private static IEnumerable<string> There(RecoveryWorld world) => Lines(world.Target, "");

    private static IEnumerable<string> Lines(MemoryMailSource mailbox, string prefix) =>
        mailbox.Folders.SelectMany(folder =>
            folder.Messages.Values.Select(message => RecoveryWorld.Line($"{prefix}{folder.Path}", message))
        );
}
