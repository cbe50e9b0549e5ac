using System.Reflection;
using Migrator.App.Execution;
using Migrator.App.Output;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Storage.JobRuns;
using Migrator.Tests.Architecture;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using Xunit;

namespace Migrator.Tests.Failures;

/// <summary>What is known of a kind of failure is known in one place, its <see cref="Reason"/>.</summary>
public sealed class FailureTests
{
    private static readonly RetryPolicy s_policy = new(null, 5, TimeSpan.FromMinutes(1), null);

    public static TheoryData<string> Codes => [.. Reason.All.Select(reason => reason.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Exit_code_and_retry_follow_from_the_reason(string code)
    {
        var reason = Reason.Find(code)!;
        var exitCode = reason.Category switch
        {
            FailureCategory.Connection => 3,
            FailureCategory.Configuration => 2,
            FailureCategory.Internal => 70,
            _ => 1,
        };
        Assert.Equal(exitCode, ExitCode.Of(reason));
        var first = RunResolution.Of(new MailException(reason, "It failed."), StopReason.None, 1, s_policy);
        Assert.Equal(reason.IsTransient ? MailboxRunState.Waiting : MailboxRunState.Failed, first.State);
        Assert.Equal((code, "It failed."), (first.Failure!.Code, first.Failure.Detail));
        var last = RunResolution.Of(new MailException(reason, "It failed."), StopReason.None, s_policy.MaxAttempts, s_policy);
        Assert.Equal(MailboxRunState.Failed, last.State);
    }

    [Fact]
    public void A_lost_login_is_never_tried_again_and_a_lost_connection_is()
    {
        Assert.False(Reason.AuthenticationFailed.IsTransient);
        Assert.True(Reason.ConnectionLost.IsTransient);
    }

    [Fact]
    public void Every_exception_of_ours_has_a_reason()
    {
        var exceptions = ProductAssemblies.All.SelectMany(library => library.GetTypes()).Where(typeof(Exception).IsAssignableFrom).ToList();
        Assert.NotEmpty(exceptions);
        Assert.All(exceptions, type => Assert.True(typeof(MigratorException).IsAssignableFrom(type), type.FullName));
    }

    [Fact]
    public void A_lease_that_was_lost_is_reported_as_such_wherever_it_ends()
    {
        Assert.Equal(Reason.LeaseLost, new LeaseLostException("Another worker has it.").Reason);
        Assert.Equal(
            Reason.LeaseLost.Code,
            RunResolution.Of(new LeaseLostException("Another worker has it."), StopReason.None, 1, s_policy).Failure!.Code
        );
    }

    [Fact]
    public void Mistakes_of_a_job_are_all_in_the_detail()
    {
        var failure = Failure.Of(
            new ConfigurationException(
                "job.json",
                [new ConfigurationError("source.host", "is missing."), new ConfigurationError("source.user", "is missing.")]
            )
        );
        Assert.Equal(
            (Reason.ConfigurationInvalid.Code, "job.json: source.host: is missing. job.json: source.user: is missing."),
            (failure.Code, failure.Detail)
        );
    }

    [Theory]
    [InlineData(MailboxRunState.Waiting, false)]
    [InlineData(MailboxRunState.Running, false)]
    [InlineData(MailboxRunState.Complete, false)]
    [InlineData(MailboxRunState.Partial, true)]
    [InlineData(MailboxRunState.Failed, true)]
    [InlineData(MailboxRunState.Cancelled, true)]
    public void Not_complete_has_one_meaning(MailboxRunState state, bool expected) => Assert.Equal(expected, state.NeedsRerun());

    /// <summary>A code that is written out is one that a change of its reason does not reach.</summary>
    [Fact]
    public void A_pause_that_a_server_asks_for_is_kept_exactly_and_is_no_attempt()
    {
        var asked = new MailException(Reason.ServerBusy, "Request is throttled.") { RetryAfter = TimeSpan.FromMinutes(50) };

        var resolution = RunResolution.Of(asked, StopReason.None, s_policy.MaxAttempts, s_policy);

        Assert.Equal(
            (MailboxRunState.Waiting, TimeSpan.FromMinutes(50), false, true),
            (resolution.State, resolution.Wait, resolution.Spent, resolution.IsPause)
        );
    }

    [Fact]
    public void No_code_is_written_out()
    {
        var codes = Reason.All.Select(reason => reason.Code).ToHashSet();
        var found = new List<string>();
        foreach (var file in ProductAssemblies.All.Select(library => library.Location))
        {
            using var assembly = AssemblyDefinition.ReadAssembly(file);
            found.AddRange(
                from type in assembly.MainModule.GetAllTypes()
                where type.FullName != typeof(Reason).FullName
                from method in type.Methods
                where method.HasBody
                from instruction in method.Body.Instructions
                where instruction.OpCode == OpCodes.Ldstr && codes.Contains((string)instruction.Operand)
                select $"{method.FullName}: {instruction.Operand}"
            );
        }
        Assert.Empty(found);
    }
}
