using Migrator.App.Commands;
using Migrator.Cli.Commands;

return await ProgramMain.RunAsync(CommandLine.Create(), args);
