using System.CommandLine;

namespace Migrator.App.Commands;

/// <summary>The commands that the service's program does. The command line has them too: it shows their help, and starts that
/// program.</summary>
public static class ServiceCommands
{
    /// <param name="serve">Gives the command what it does.</param>
    /// <param name="testNotifications">Likewise.</param>
    public static IReadOnlyList<Command> Create(Action<Command> serve, Action<Command> testNotifications)
    {
        var service = new Command("serve", "Run the jobs of the jobs directory on their schedules until stopped.");
        serve(service);
        var test = new Command("test", "Send a test notification to every configured recipient and show the result.");
        testNotifications(test);
        return [service, new Command("notify", "Test notification settings.") { test }];
    }
}
