using System.CommandLine;
using Migrator.App.Commands;
using Migrator.Core.Auditing;

namespace Migrator.Service.Commands;

/// <summary>The arguments of the service's program: those of <c>migrator serve</c> and <c>migrator notify</c>.</summary>
public static class ServiceCommandLine
{
    public static RootCommand Create()
    {
        var root = new RootCommand("The service of Migrator; \"migrator serve\" starts it.");
        // The service's own start and stop are in the audit trail, and what people do by its page.
        foreach (
            var command in ServiceCommands.Create(
                serve => serve.Does(CommandActs.OnlyReads, (_, context, stop) => ServeCommand.RunAsync(context, stop)),
                test => test.Does(AuditEvent.NotificationTested, (_, context, stop) => NotifyCommand.TestAsync(context, stop))
            )
        )
            root.Add(command);
        GlobalOptions.AddTo(root);
        ArgumentRules.ForbidEmpty(root);
        return root;
    }
}
