using Migrator.App.Commands;
using Migrator.Cli.Commands;

NativeHeap.UseOne();
return await ProgramMain.RunAsync(CommandLine.Create(), args);
