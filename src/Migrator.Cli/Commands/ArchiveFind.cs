using System.CommandLine;
using System.Globalization;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.Archives;
using Migrator.Core.Archives.Search;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Mail.Search;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator archive find</c>.</summary>
internal sealed class ArchiveFind
{
    /// <summary>With the id, a message can be shown and restored; from whom and about what it is tells it from others.</summary>
    private static readonly IReadOnlyList<FittedColumn> s_columns =
    [
        new("Mailbox", Least: 16, Rank: 2, IsSentence: true),
        new("Folder", Least: 8),
        new("UID", Right: true, Rank: 3),
        new("Arrived", Rank: 1),
        new("Size", Right: true, Rank: 4),
        new("From", Least: 14, IsSentence: true),
        new("Subject", Least: 16, IsSentence: true),
        new("Seen", Rank: 5),
        new("Id"),
    ];

    private const int MostFound = 1_000_000;

    private readonly Argument<string?> _text = new("text")
    {
        Description = "Text to search for in From, Sender, To, Cc, Bcc, Reply-To, Subject and Message-ID (ignores case and accents).",
        HelpName = "TEXT",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _mailbox = new("--mailbox")
    {
        Description = "Search mailboxes whose name contains this. [default: all]",
        HelpName = "MAILBOX",
    };
    private readonly Option<string?> _at = TimeOption.Snapshot(
        $"Search one snapshot of each mailbox: the latest at a time ({TimeOption.Forms}; a day means its end), a snapshot ID, "
            + "or \"latest\". [default: all snapshots]"
    );

    private readonly Option<string[]> _folder = new("--folder")
    {
        Description = "Search folders that match this pattern (repeatable). [default: all]",
        HelpName = "PATTERN",
    };
    private readonly Option<string?> _from = new("--from") { Description = "Text in From or Sender.", HelpName = "TEXT" };
    private readonly Option<string?> _to = new("--to") { Description = "Text in To, Cc or Bcc.", HelpName = "TEXT" };
    private readonly Option<string?> _subject = new("--subject") { Description = "Text in Subject.", HelpName = "TEXT" };
    private readonly Option<string?> _messageId = new("--message-id") { Description = "Exact Message-ID.", HelpName = "ID" };
    private readonly Option<DateTimeOffset?> _since = TimeOption.Create(
        "--since",
        $"Received (INTERNALDATE) at this time or later: {TimeOption.Forms}."
    );
    private readonly Option<DateTimeOffset?> _before = TimeOption.Create("--before", "Received before this time.");
    private readonly Option<string?> _larger = new("--larger") { Description = "Larger than this, such as 5MiB.", HelpName = "SIZE" };
    private readonly Option<string?> _smaller = new("--smaller") { Description = "Smaller than this.", HelpName = "SIZE" };
    private readonly Option<bool> _readBodies = new("--read-bodies")
    {
        Description = "Also read messages whose headers are not recorded in the archive (slow).",
    };
    private readonly Option<int> _limit = NumberOption.Create("--limit", "Show at most N messages.", "N", 1, MostFound, 10_000);

    public IEnumerable<Option> Options =>
        [_mailbox, _at, _folder, _from, _to, _subject, _messageId, _since, _before, _larger, _smaller, _readBodies, _limit];

    /// <summary>Stands behind the archive.</summary>
    public Argument Text => _text;

    public async Task<int> RunAsync(Archive archive, ParseResult parsed, CommandContext context, CancellationToken stop)
    {
        var screen = new CommandOutput(context);
        var query = new HeaderQuery(
            Given(parsed, _text),
            Given(parsed, _from),
            Given(parsed, _to),
            Given(parsed, _subject),
            Given(parsed, _messageId)
        );
        var (since, before, larger, smaller) = (
            parsed.GetValue(_since),
            parsed.GetValue(_before),
            Size(parsed, _larger),
            Size(parsed, _smaller)
        );
        var search = await ArchiveSearch.OpenAsync(archive, parsed.GetValue(_mailbox), parsed.GetValue(_at), screen.Warn, stop);
        var conditions = new SearchConditions(
            new FolderChoice(FolderArgument.Rules(search.Folders, parsed.GetValue(_folder) ?? [])),
            since,
            before,
            larger,
            smaller
        )
        {
            AskHeaders = !query.IsEmpty,
            ReadBodies = parsed.GetValue(_readBodies),
            Limit = parsed.GetValue(_limit),
        };
        var result = await search.RunAsync(conditions, query.Match, stop);
        Show(screen, result, conditions, context.Time.LocalTimeZone);
        return result.Found.Count > 0 ? ExitCode.Success : ExitCode.Incomplete;
    }

    private static void Show(CommandOutput screen, SearchResult<MessageHeaders> result, SearchConditions conditions, TimeZoneInfo zone)
    {
        foreach (var message in result.Found)
        {
            screen.Say(
                new JsonLine("message")
                {
                    { "id", message.Id },
                    { "mailbox", message.Mailbox },
                    { "folder", message.Folder.ToString() },
                    { "uidValidity", message.UidValidity },
                    { "uid", message.Uid },
                    { "internalDate", message.Date },
                    { "size", message.Size },
                    { "from", message.Headers?.From },
                    { "to", message.Headers?.To },
                    { "cc", message.Headers?.Cc },
                    { "subject", message.Headers?.Subject },
                    { "date", message.Headers?.Date },
                    { "messageId", message.Headers?.MessageId },
                    { "firstSeen", message.FirstSeen },
                    { "lastSeen", message.LastSeen },
                    { "stillThere", message.StillThere },
                    { "contentId", message.Content.ToString() },
                }
            );
        }
        var several = result.Found.Select(message => message.Mailbox).Distinct().Count() > 1;
        screen.Table(
            Title(result),
            s_columns,
            [
                .. result.Found.Select(message =>
                    (string[])
                        [
                            several ? DisplayText.Account(message.Mailbox) : "",
                            message.Folder.ToString(),
                            message.Uid.ToString(),
                            Format.Minute(message.Date, zone),
                            Format.Size(message.Size),
                            message.Headers?.From ?? "",
                            message.Headers?.Subject ?? "",
                            Seen(message),
                            message.Id,
                        ]
                ),
            ]
        );
        var doubts = Doubts(result, conditions).ToList();
        screen.Say(
            new JsonLine("find")
            {
                { "messages", result.Found.Select(message => message.Content).Distinct().Count() },
                { "places", result.Found.Count },
                { "looked", result.Looked },
                { "unrecorded", result.Unrecorded },
                { "cut", result.Cut },
                { "unreadablePages", result.UnreadablePages },
                { "isCutShort", result.IsCutShort },
            }
        );
        foreach (var doubt in doubts)
            screen.Warn(doubt);
    }

    private static string Title(SearchResult<MessageHeaders> result)
    {
        var messages = result.Found.Select(message => message.Content).Distinct().Count();
        return $"{Format.Count(messages, "message")} "
            + $"found{(result.Found.Count > messages ? $", in {Format.Count(result.Found.Count)} places" : "")}; "
            + $"{Format.Count(result.Looked)} searched.";
    }

    /// <summary>What keeps "nothing found" from meaning that there is nothing.</summary>
    private static IEnumerable<string> Doubts(SearchResult<MessageHeaders> result, SearchConditions conditions)
    {
        if (result.IsCutShort)
        {
            yield return $"More than {Format.Count(conditions.Limit, "message")} fit; the others are not shown. "
                + "Narrow the search, or raise --limit.";
            yield break;
        }
        if (conditions.AskHeaders && result.Unrecorded > 0)
        {
            var remedy = conditions.ReadBodies
                ? "They cannot be read, or are lost: run \"migrator archive check\"."
                : "--read-bodies reads them; \"migrator archive repair\" records their headers for good.";
            yield return $"{Format.Count(result.Unrecorded, "message")} could not be searched: "
                + $"{(result.Unrecorded == 1 ? "its headers are" : "their headers are")} not recorded in the archive. "
                + remedy;
        }
        if (result.Cut > 0)
            yield return $"Of {Format.Count(result.Cut, "message")} that did not fit, only the beginning of long headers is "
                + $"recorded.{(conditions.ReadBodies ? "" : " --read-bodies reads all of them.")}";
        if (result.UnreadablePages > 0)
            yield return $"{Format.Count(result.UnreadablePages, "list")} of up to 4,096 messages could not be read: "
                + "what they name was not searched. Run \"migrator archive repair\".";
    }

    private static string Seen(FoundMessage<MessageHeaders> message) =>
        $"{Day(message.FirstSeen)} to "
        + $"{message.StillThere switch { true => "now", null => $"{Day(message.LastSeen)} or later", false => Day(message.LastSeen) }}";

    private static string Day(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? Given(ParseResult parsed, Argument<string?> argument) => NotEmpty(parsed.GetValue(argument), "text");

    private static string? Given(ParseResult parsed, Option<string?> option) => NotEmpty(parsed.GetValue(option), option.Name);

    // Nothing is in every header: a variable of a script that is empty would find everything.
    private static string? NotEmpty(string? text, string name) =>
        text is null || FoldedText.Of(text).Trim().Length > 0 ? text : throw Wrong(name, "is empty.");

    private static long? Size(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } text)
            return null;
        return JobFile.ParseSize(text) ?? throw Wrong(option.Name, $"is \"{text}\"; write a number of bytes, or one with KiB, MiB or GiB.");
    }

    private static ConfigurationException Wrong(string name, string what) => new("command line", [new ConfigurationError(name, what)]);
}
