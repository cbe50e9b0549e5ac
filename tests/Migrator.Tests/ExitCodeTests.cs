using Migrator.App.Output;
using Migrator.Core.Reports;
using Migrator.Tests.Reports;
using Xunit;

namespace Migrator.Tests;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(RunOutcome.Complete, null, 0)]
    [InlineData(RunOutcome.Partial, null, 1)]
    [InlineData(RunOutcome.Interrupted, null, 130)]
    [InlineData(RunOutcome.Aborted, "authentication-failed", 3)]
    [InlineData(RunOutcome.Aborted, "connection-lost", 3)]
    [InlineData(RunOutcome.Aborted, "tls-untrusted", 3)]
    [InlineData(RunOutcome.Aborted, "over-quota", 1)]
    [InlineData(RunOutcome.Aborted, null, 1)]
    public void Of_a_run(RunOutcome outcome, string? stopped, int code) =>
        Assert.Equal(code, ExitCode.Of(Samples.Run(outcome, stopped is null ? null : new(stopped, "", ""))));

    [Fact]
    public void Of_a_verify() => Assert.Equal((0, 1), (ExitCode.Of(Samples.Verify(0)), ExitCode.Of(Samples.Verify(1))));
}
