using System.Globalization;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;
using Xunit.Sdk;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>A run fails at every single step that it takes: the process is killed there, a session is lost, the checkpoint cannot be
/// written. The next run ends what is left, and the one after it finds nothing to do.</summary>
public sealed class KilledStepsTests
{
    public static TheoryData<string> Scenarios => [.. RecoveryScenarios.All.Keys];

    public static TheoryData<string, StepFault, FaultMoment> Cases
    {
        get
        {
            var cases = new TheoryData<string, StepFault, FaultMoment>();
            foreach (var scenario in RecoveryScenarios.All.Keys)
            {
                foreach (
                    var moment in Enum.GetValues<FaultMoment>()
                        .Where(moment => moment != FaultMoment.Half || !RecoveryScenarios.OneByOne.Contains(scenario))
                )
                {
                    cases.Add(scenario, StepFault.Kill, moment);
                    cases.Add(scenario, StepFault.Loss, moment);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Whatever_fails_the_next_run_makes_it_whole(string scenario, StepFault fault, FaultMoment moment)
    {
        // Only a batch of two messages has a middle, and how many are in one depends on how fast they are captured.
        var failures = 0;
        for (var attempt = 0; failures == 0 && attempt < (moment == FaultMoment.Half ? 50 : 1); attempt++)
            failures = await FailEachAsync(scenario, fault, moment);
        TestContext.Current.TestOutputHelper?.WriteLine($"{failures} failures");
        Assert.True(failures > 0, "No step failed.");
    }

    /// <returns>How many steps failed, each in a run of its own.</returns>
    private static async Task<int> FailEachAsync(string scenario, StepFault fault, FaultMoment moment)
    {
        var failures = 0;
        // Steps that change something are few, and all of them are tried.
        for (var number = 1; ; number += moment == FaultMoment.Before ? Proof.Of(4, 1) : 1)
        {
            await using var world = new RecoveryWorld();
            await RecoveryScenarios.All[scenario](world);
            var steps = new RunSteps(number, moment, fault);
            await SayingAsync(
                async () =>
                {
                    await FailAsync(world, steps);
                    if (steps.Hit is null)
                        return;
                    world.AfterFailure();
                    await EndAsync(world);
                },
                () => $"Step {number}, {steps.Hit}"
            );
            if (steps.Hit is null)
                return failures;
            failures++;
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Several_runs_in_a_row_may_fail(string scenario)
    {
        var most = 0;
        await using (var world = new RecoveryWorld())
        {
            var steps = new RunSteps();
            await RecoveryScenarios.All[scenario](world);
            await world.Run(steps);
            most = steps.Count;
        }
        var first = int.Parse(Environment.GetEnvironmentVariable("MIGRATOR_TEST_SEED") ?? "1", CultureInfo.InvariantCulture);
        var failures = 0;
        foreach (var seed in Enumerable.Range(first, Proof.Of(8, 100)))
        {
            await using var world = new RecoveryWorld();
            await RecoveryScenarios.All[scenario](world);
            var (random, hits) = (new Random(seed), new List<string?>());
            await SayingAsync(
                async () =>
                {
                    for (var runs = random.Next(2, 5); runs > 0; runs--)
                    {
                        var moment = (FaultMoment)random.Next(3);
                        var steps = new RunSteps(
                            random.Next(1, moment == FaultMoment.Before ? most : 1 + (most / 8)),
                            moment,
                            (StepFault)random.Next(2)
                        );
                        await FailAsync(world, steps);
                        hits.Add(steps.Hit);
                    }
                    world.AfterFailure();
                    await EndAsync(world);
                },
                () => $"MIGRATOR_TEST_SEED={seed}, after {string.Join(", ", hits)}"
            );
            failures += hits.Count(hit => hit is not null);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{failures} failures");
        Assert.True(failures > 0, "No step failed.");
    }

    private static async Task SayingAsync(Func<Task> test, Func<string> where)
    {
        try
        {
            await test();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new XunitException($"{where()}: {exception.Message}", exception);
        }
    }

    private static async Task FailAsync(RecoveryWorld world, RunSteps steps)
    {
        try
        {
            var report = await world.Run(steps);
            if (steps.Hit?.StartsWith("checkpoint", StringComparison.Ordinal) == true)
                Assert.Equal(RunOutcome.Aborted, report.Outcome);
            else
                ShouldBeComplete(report, world);
        }
        catch (ProcessKilledException) { }
        catch (MigratorException) when (steps.Hit?.StartsWith("checkpoint", StringComparison.Ordinal) == true) { }
        world.ShouldHaveStrangers();
        world.Invariant();
    }

    private static async Task EndAsync(RecoveryWorld world)
    {
        ShouldBeComplete(await world.Run(new RunSteps()), world);
        world.Invariant();
        var steps = new RunSteps();
        ShouldBeComplete(await world.Run(steps), world);
        world.Invariant();
        Assert.True(
            !steps.Changes.Any(change => !world.KeepsRecording || !change.StartsWith("checkpoint", StringComparison.Ordinal)),
            $"A run with nothing to do did: {string.Join(", ", steps.Changes)}"
        );
    }

    private static void ShouldBeComplete(RunReport report, RecoveryWorld world)
    {
        // Each run says what is twice at the target, as long as it is.
        var doubled = world.ShouldBeWhole();
        Assert.True(
            report is { Failures: [], Total.AddsUp: true }
                && (report.Outcome == RunOutcome.Complete) == (doubled == 0)
                && report.Differences.Count == doubled
                && report.Differences.All(difference => difference.Kind == DifferenceKind.Duplicate),
            $"{doubled} doubled, {report.Outcome} {report.Total}: {report.Stopped?.Detail}\n{string.Join('\n', report.Failures)}\n"
                + $"{string.Join('\n', report.Differences)}\n{string.Join('\n', report.Notices)}"
        );
    }
}
