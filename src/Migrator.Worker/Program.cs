using System.CommandLine;
using System.Text;
using Migrator.Worker;
using Migrator.Worker.Commands;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
var parsed = CommandLine.Create().Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        await Console.Error.WriteLineAsync(error.Message);
    await Console.Error.WriteLineAsync("Try --help.");
    return ExitCode.Configuration;
}
// Ctrl-C and SIGTERM cancel the run; what is under way then has this long to reach a safe point.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(20), EnableDefaultExceptionHandler = false });
