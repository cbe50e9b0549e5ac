using Migrator.App.Commands;
using Migrator.App.Output;
using Migrator.Cli.Commands;
using Xunit;

namespace Migrator.Tests.Worker;

public sealed class CommandRunnerTests
{
    /// <summary>System.CommandLine waits for a command that is asked to stop only once it has its task; before, it ends the
    /// process.</summary>
    [Fact]
    public async Task A_command_gives_its_thread_back_before_it_begins()
    {
        using var gate = new ManualResetEventSlim();

        var command = CommandRunner.RunAsync(
            () => gate.Wait(TimeSpan.FromSeconds(10)) ? throw new OperationCanceledException() : throw new TimeoutException(),
            _ => Task.FromResult(ExitCode.Success)
        );
        gate.Set();

        Assert.Equal(ExitCode.Interrupted, await command);
    }
}
