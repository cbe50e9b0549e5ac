using System.CommandLine;
using System.Text.Json;
using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.Providers;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator providers</c>.</summary>
internal static class ProvidersCommand
{
    public static Command Create()
    {
        var command = new Command("providers", "Show what is known of mail providers: login, limits, peculiarities. Nothing is asked.");
        command.Does(CommandActs.OnlyReads, (_, context, _) => Task.FromResult(Show(context)));
        return command;
    }

    private static int Show(CommandContext context)
    {
        var screen = new CommandOutput(context);
        foreach (var profile in ProviderProfiles.All)
            screen.Say(Line(profile));
        screen.Table(
            "",
            [
                new FittedColumn("Name"),
                new FittedColumn("Provider", Least: 12, IsSentence: true),
                new FittedColumn("Login", Rank: 4),
                new FittedColumn("Connections", Right: true, Rank: 3),
                new FittedColumn("Message", Right: true, Rank: 2),
                new FittedColumn("Fetch a day", Right: true, Rank: 1),
                new FittedColumn("Append a day", Right: true, Rank: 1),
            ],
            [
                .. ProviderProfiles.All.Select(profile =>
                    new[]
                    {
                        profile.Name,
                        profile.Title,
                        ProviderWords.Login(profile.Login),
                        Format.Count(profile.Connections),
                        Bytes(profile.LargestMessage),
                        Bytes(profile.DailyDownload),
                        Bytes(profile.DailyUpload),
                    }
                ),
            ]
        );
        screen.Explain("A job file names one with \"provider\" where it is not recognized. docs/providers.md explains them.");
        return ExitCode.Success;
    }

    private static string Bytes(long? bytes) => bytes is { } known ? Format.Size(known) : "-";

    private static JsonLine Line(ProviderProfile profile) =>
        new("provider")
        {
            { "name", profile.Name },
            { "title", profile.Title },
            { "hosts", profile.Hosts },
            { "login", JsonNamingPolicy.CamelCase.ConvertName(profile.Login.ToString()) },
            { "connections", profile.Connections },
            { "commandLength", profile.CommandLength },
            { "largestMessage", profile.LargestMessage },
            { "longestLine", (long?)profile.LongestLine },
            { "visibleMessages", (long?)profile.VisibleMessages },
            { "dailyDownload", profile.DailyDownload },
            { "dailyUpload", profile.DailyUpload },
        };
}
