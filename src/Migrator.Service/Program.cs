using Migrator.App.Commands;
using Migrator.Service.Commands;

return await ProgramMain.RunAsync(ServiceCommandLine.Create(), args);
