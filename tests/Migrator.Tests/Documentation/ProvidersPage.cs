using System.Globalization;
using System.Text;
using Migrator.Cli.Output;
using Migrator.Core.Providers;

namespace Migrator.Tests.Documentation;

/// <summary>The table of docs/providers.md.</summary>
internal static class ProvidersPage
{
    public static string Generate() =>
        GeneratedPage
            .AddTable(
                new StringBuilder(),
                [
                    [
                        "`provider`",
                        "",
                        "recognized by",
                        "login",
                        "connections",
                        "largest message",
                        "fetch a day",
                        "append a day",
                        "besides",
                    ],
                    .. ProviderProfiles.All.Select(profile =>
                        new[]
                        {
                            $"`{profile.Name}`",
                            profile.Title,
                            Recognized(profile),
                            ProviderWords.Login(profile.Login),
                            profile.Connections.ToString(CultureInfo.InvariantCulture),
                            Megabytes(profile.LargestMessage),
                            Megabytes(profile.DailyDownload),
                            Megabytes(profile.DailyUpload),
                            string.Join("; ", Besides(profile)),
                        }
                    ),
                ]
            )
            .ToString();

    private static string Recognized(ProviderProfile profile) =>
        string.Join(", ", profile.Hosts.Select(host => $"`{host}`").Concat(profile.Greetings.Select(words => $"greeting \"{words}\"")))
            is { Length: > 0 } words
            ? words
            : "nothing";

    private static string Megabytes(long? bytes) =>
        bytes is { } known ? $"{(known / 1_000_000.0).ToString("N0", CultureInfo.InvariantCulture)} MB" : "-";

    private static IEnumerable<string> Besides(ProviderProfile profile)
    {
        if (profile.CommandLength != ProviderProfiles.Generic.CommandLength)
            yield return $"commands of at most {profile.CommandLength:N0} bytes";
        if (profile.MessagesPerCommand != int.MaxValue)
            yield return $"at most {profile.MessagesPerCommand:N0} messages in a command";
        if (profile.VisibleMessages is { } visible)
            yield return $"a folder with exactly {visible:N0} messages is reported, as the server may hide more";
        if (profile.FoldersWithoutMail.Count > 0)
            yield return "folders without mail are left out";
        if (profile.ReservedNames.Count > 0)
            yield return $"reserved names: {string.Join(", ", profile.ReservedNames.Order(StringComparer.Ordinal))}";
        if (profile.FoldsCase)
            yield return "names that differ only in case are one folder";
        if (profile.RewritesMessages)
            yield return "messages are stored in its own form";
        if (profile.StoresFlagsAfterAppend)
            yield return "\\\\Flagged is stored after the append";
        if (profile.Pop3InParts)
            yield return "POP3 lists the mailbox part by part";
    }
}
