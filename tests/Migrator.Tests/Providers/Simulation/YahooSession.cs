using System.Globalization;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>A session with a <see cref="YahooServer"/>. What the folder shows is decided when it is opened.</summary>
internal sealed partial class YahooSession(YahooServer yahoo, ImapWire client, ImapWire server) : ImapProxySession(yahoo, client, server)
{
    private const int Visible = 10_000;

    private const int MessageLimit = 1_000;

    private const string Inbox = "INBOX";

    private static readonly string[] s_flags =
    [
        "\\Seen",
        "\\Answered",
        "\\Flagged",
        "\\Deleted",
        "\\Draft",
        "$Forwarded",
        "$Junk",
        "$NotJunk",
    ];

    // Messages before the first that the open folder shows.
    private int _hidden;

    private YahooTraits Traits => yahoo.Traits;

    private int Limit => Traits.MessageLimit ?? MessageLimit;

    protected override IReadOnlyList<string> Keeps => s_flags;

    protected override string Greeting(string said) => $"[CAPABILITY {Capabilities(said, loggedIn: false)}] IMAP4rev1 Hello";

    protected override string Capabilities(string said, bool loggedIn) =>
        "IMAP4rev1 AUTH=PLAIN AUTH=OAUTHBEARER SASL-IR ID MOVE NAMESPACE ENABLE OBJECTID CONDSTORE UIDPLUS LITERAL+ CHILDREN "
        + "X-MSG-EXT UNSELECT"
        + (Traits.KeepsLimitSilently ? "" : $" MESSAGELIMIT={Limit}");

    protected override ImapUnit? Rewrite(ImapCommand command, ImapUnit response)
    {
        var first = response.First;
        if (FlagsSaid(command, first) is { } flags)
            return flags;
        if (Listing().IsMatch(first))
            return Listed(response, name => name == Inbox ? "Inbox" : name).With(text => Counts().Replace(text, Shown));
        if (first.StartsWith("* OK [UNSEEN ", StringComparison.Ordinal))
            return null;
        if (Numbered().Match(first) is not { Success: true } numbered)
            return response;
        var (number, word) = (int.Parse(numbered.Groups[1].Value, CultureInfo.InvariantCulture), numbered.Groups[2].Value);
        if (word == "RECENT")
            return ImapUnit.Of("* 0 RECENT");
        if (word == "EXISTS" && command.Name is "SELECT" or "EXAMINE")
            Hide(number);
        if (word != "EXISTS" && number <= _hidden)
        {
            _hidden -= word == "EXPUNGE" ? 1 : 0;
            return null;
        }
        return response.WithFirst($"* {number - _hidden} {first[numbered.Groups[2].Index..]}");
    }

    protected override async Task HandleAsync(ImapCommand command)
    {
        var text = command.Rest.First.ToUpperInvariant();
        switch (command.Name)
        {
            case "LOGIN" or "AUTHENTICATE" when yahoo.Open > Traits.Connections:
                yahoo.Had(nameof(Traits.Connections));
                await EndAsync(command, YahooServer.TooManyConnections);
                break;
            case "LIST" when text.Contains("RETURN", StringComparison.Ordinal) || text.StartsWith('('):
            case "SEARCH" or "UID SEARCH" when Unknown().IsMatch(text):
            case "SORT" or "UID SORT" or "THREAD" or "UID THREAD" or "COMPRESS" or "GETQUOTA" or "GETQUOTAROOT" or "NOTIFY":
                await EndAsync(command, $"BAD [CLIENTBUG] {command.Name} Command arguments invalid");
                break;
            case "APPEND" when !AppendsOne(command) || !command.Rest.Literals[^1].AsSpan().EndsWith("\r\n"u8):
                await EndAsync(command, YahooServer.AppendError);
                break;
            case "APPEND":
                await AppendAsync(command, command.Folder, flags => flags);
                break;
            case "ID":
                await SayAsync("* ID (\"vendor\" \"Yahoo! Inc.\" \"support-url\" \"https://help.yahoo.com/\")");
                await EndAsync(command, "OK ID completed");
                break;
            case "SEARCH" or "UID SEARCH":
                await SearchAsync(command);
                break;
            case "FETCH" or "UID FETCH" or "STORE" or "UID STORE" or "COPY" or "UID COPY" or "MOVE" or "UID MOVE" or "UID EXPUNGE":
                await OfMessagesAsync(command);
                break;
            default:
                await base.HandleAsync(command);
                break;
        }
    }

    private void Hide(int count)
    {
        _hidden = Math.Max(0, count - (Traits.Visible ?? Visible));
        if (_hidden > 0)
            yahoo.Had(nameof(Traits.Visible));
    }

    private string Shown(Match count)
    {
        var (said, most) = (int.Parse(count.Groups[1].Value, CultureInfo.InvariantCulture), Traits.Visible ?? Visible);
        return string.Create(CultureInfo.InvariantCulture, $"MESSAGES {Math.Min(said, most)}");
    }

    private async Task OfMessagesAsync(ImapCommand command)
    {
        var (set, byUid) = (command.Folder, command.Name.StartsWith("UID ", StringComparison.Ordinal));
        var named = await NamedAsync(command, set, byUid);
        if (command.Name == "UID EXPUNGE")
            named = [.. named.Intersect(await UidsAsync(command, "DELETED"))];
        // A copy is made of all or of none (RFC 9051, section 6.4.7).
        if (named.Count > Limit && (Traits.RefusesBeyondLimit || command.Name.EndsWith("COPY", StringComparison.Ordinal)))
        {
            await RefuseAsync(command);
            return;
        }
        var taken = Within(named);
        if (taken.Count == 0)
        {
            await EndAsync(command, $"OK {command.Name} completed");
            return;
        }
        var name = byUid ? command.Name : $"UID {command.Name}";
        List<ImapUnit> responses = [];
        var answer = await ExecuteAsync(
            command,
            command.Rest.WithFirst($"{command.Tag} {name} {UidRanges.Write(taken)}{command.Rest.First[set.Length..]}"),
            response =>
            {
                if (Rewrite(command, response) is { } passed)
                    responses.Add(passed);
                return Task.CompletedTask;
            }
        );
        // From the newest to the oldest, as it was done; not what renumbers messages.
        if (taken.Count < named.Count && command.Name.EndsWith("FETCH", StringComparison.Ordinal))
            responses.Reverse();
        await SayAllAsync(command, responses, answer, named, taken);
    }

    /// <summary>Messages that are searched count, not those that are found.</summary>
    private async Task SearchAsync(ImapCommand command)
    {
        var (byUid, all) = (command.Name == "UID SEARCH", await VisibleAsync(command));
        var (text, searched) = (command.Rest.First, all);
        if (Numbers().Match(text) is { Success: true } numbers)
        {
            searched = await NamedAsync(command, numbers.Value, byUid: false);
            text = $"ALL{text[numbers.Length..]}";
        }
        foreach (Match uids in Uids().Matches(text))
            searched = [.. searched.Intersect(await NamedAsync(command, uids.Groups[1].Value, byUid: true))];
        if (searched.Count > Limit && Traits.RefusesBeyondLimit)
        {
            await RefuseAsync(command);
            return;
        }
        var taken = Within(searched);
        IEnumerable<uint> found = taken.Count == 0 ? [] : await UidsAsync(command, $"UID {UidRanges.Write(taken)} ({text.Trim()})");
        if (taken.Count < searched.Count)
            found = found.Reverse();
        var result = string.Join(' ', byUid ? found : found.Select(uid => (uint)all.IndexOf(uid) + 1));
        await SayAllAsync(command, [ImapUnit.Of($"* SEARCH {result}".TrimEnd())], $"OK {command.Name} completed", searched, taken);
    }

    private List<uint> Within(List<uint> named)
    {
        if (named.Count <= Limit)
            return named;
        yahoo.Had(nameof(Traits.MessageLimit));
        return [.. named.TakeLast(Limit)];
    }

    private async Task RefuseAsync(ImapCommand command)
    {
        yahoo.Had(nameof(Traits.MessageLimit));
        await EndAsync(command, $"NO [MESSAGELIMIT {Limit}] {command.Name} of too many messages, try a smaller subset");
    }

    /// <param name="taken">Of these, those that were executed.</param>
    private async Task SayAllAsync(ImapCommand command, IEnumerable<ImapUnit> responses, string answer, List<uint> named, List<uint> taken)
    {
        foreach (var response in responses)
            await SayAsync(response);
        if (taken.Count == named.Count || Traits.KeepsLimitSilently)
        {
            await EndAsync(command, answer);
            return;
        }
        var code = $"[MESSAGELIMIT {Limit} {taken[0]}]";
        // There is one code in a line.
        if (answer.Contains('['))
            await SayAsync($"* NO {code} {taken.Count} messages were processed");
        await EndAsync(command, answer.Contains('[') ? answer : $"OK {code} {command.Name} completed with {taken.Count} partial results");
    }

    /// <summary>Of the messages that the folder shows, those in this set, ascending by UID.</summary>
    private async Task<List<uint>> NamedAsync(ImapCommand command, string set, bool byUid)
    {
        var all = await VisibleAsync(command);
        if (all.Count == 0)
            return [];
        var isNamed = UidRanges.Read(set, byUid ? all[^1] : (uint)all.Count);
        return [.. all.Where((uid, index) => isNamed(byUid ? uid : (uint)index + 1))];
    }

    private async Task<List<uint>> VisibleAsync(ImapCommand command) => [.. (await UidsAsync(command, "ALL")).Skip(_hidden)];

    private async Task<List<uint>> UidsAsync(ImapCommand command, string criteria) =>
        [
            .. (await AskAsync(command, $"UID SEARCH {criteria}"))
                .Where(response => response.First.StartsWith("* SEARCH", StringComparison.Ordinal))
                .SelectMany(response => response.First.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(2))
                .Select(uid => uint.Parse(uid, CultureInfo.InvariantCulture))
                .Order(),
        ];

    [GeneratedRegex(@"^\* (\d+) (EXISTS|EXPUNGE|FETCH|RECENT)\b")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"^\* (?:LIST|LSUB|STATUS) ")]
    private static partial Regex Listing();

    [GeneratedRegex(@"\bMESSAGES (\d+)")]
    private static partial Regex Counts();

    [GeneratedRegex(@"^[\d*][\d:,*]*")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"(?<![\w(])UID ([\d*][\d:,*]*)", RegexOptions.IgnoreCase)]
    private static partial Regex Uids();

    [GeneratedRegex(@"\b(?:RETURN|MODSEQ)\b")]
    private static partial Regex Unknown();
}
