using System.CommandLine;
using Migrator.Worker.Commands;
using Migrator.Worker.Formatting;
using Migrator.Worker.Output;

StandardOutput.Guard();
var parsed = CommandLine.Create().Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var message in parsed.Errors.Select(error => SafeText.ForTerminal(error.Message)).Distinct())
        await Console.Error.WriteLineAsync(message);
    await Console.Error.WriteLineAsync("Try --help.");
    return ExitCode.Configuration;
}
// Ctrl-C and SIGTERM cancel the run; what is under way then has this long to reach a safe point.
return StandardOutput.Settle(await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(20), EnableDefaultExceptionHandler = false }));
