using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Redaction;

namespace Migrator.App.Commands;

/// <summary>Where every failure ends: as text on standard error, and in an exit code.</summary>
public static class CommandRunner
{
    /// <param name="purpose">What the command does, for hints.</param>
    public static async Task<int> RunAsync(
        Func<Task<CommandContext>> open,
        Func<CommandContext, Task<int>> command,
        Purpose purpose = Purpose.Copy
    )
    {
        // A signal that comes before a command gives its thread back ends the process at once: System.CommandLine has no task to wait for
        // yet.
        await Task.Yield();
        var verbose = false;
        return await ReportErrorsAsync(
            async () =>
            {
                using var context = await open();
                verbose = context.Verbose;
                return await command(context);
            },
            () => verbose,
            Console.Error,
            purpose
        );
    }

    /// <summary>Runs part of a command; its failure is said and ends nothing else.</summary>
    private static Task<int> ReportErrorsAsync(Func<Task<int>> command, Func<bool> verbose, TextWriter errors, Purpose purpose) =>
        ReportErrorsAsync(command, (code, _) => code, verbose, errors, purpose);

    /// <inheritdoc cref="ReportErrorsAsync(Func{Task{int}}, Func{bool}, TextWriter, Purpose)"/>
    /// <param name="failed">What comes of a failure: its exit code, and what it was; null where the command was stopped.</param>
    public static async Task<T> ReportErrorsAsync<T>(
        Func<Task<T>> command,
        Func<int, Failure?, T> failed,
        Func<bool> verbose,
        TextWriter errors,
        Purpose purpose
    )
    {
        try
        {
            return await command();
        }
        catch (ConfigurationException exception)
        {
            return Say(
                ExitCode.Of(exception.Reason),
                Failure.Of(exception, purpose),
                [
                    $"{exception.Message}:",
                    .. exception.Errors.Select(error =>
                        $"  {(error.Line is { } line ? $"line {line}, " : "")}{error.Path}: {error.Message}"
                    ),
                ]
            );
        }
        catch (FolderPlanException exception)
        {
            return Say(
                ExitCode.Of(exception.Reason),
                Failure.Of(exception, purpose),
                ["Nothing was copied: the folders do not fit.", .. exception.Obstacles.Select(obstacle => $"  {obstacle}")]
            );
        }
        catch (JobControlException exception)
        {
            return Say(ExitCode.Of(exception.Reason), Failure.Of(exception, purpose), [exception.Message]);
        }
        catch (MigratorException exception)
        {
            return Say(
                ExitCode.Of(exception.Reason),
                Failure.Of(exception, purpose),
                [$"{exception.Message} [{exception.Reason.Code}]", Hints.Of(exception.Reason, purpose)]
            );
        }
        catch (OperationCanceledException)
        {
            return Say(ExitCode.Interrupted, null, ["Stopped."]);
        }
        catch (Exception exception)
        {
            return Say(
                ExitCode.Internal,
                Failure.Of(Reason.Fault, $"{exception.GetType().Name}: {exception.Message}"),
                [
                    $"Internal error in Migrator (your mail is not affected): {exception.GetType().Name}: {exception.Message}",
                    "What was delivered stays delivered; running again is safe. Please report this with the output of --verbose.",
                    .. verbose() ? [exception.ToString()] : Array.Empty<string>(),
                ]
            );
        }

        T Say(int code, Failure? failure, IReadOnlyList<string> lines)
        {
            foreach (var line in lines)
                errors.WriteLine(SecretRedactor.Redact(line));
            return failed(code, failure);
        }
    }
}
