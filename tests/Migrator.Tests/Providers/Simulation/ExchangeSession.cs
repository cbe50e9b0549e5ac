using System.Globalization;
using System.Text.RegularExpressions;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>A session with an <see cref="ExchangeServer"/>.</summary>
internal sealed partial class ExchangeSession(ExchangeServer exchange, ImapWire client, ImapWire server)
    : ImapProxySession(exchange, client, server)
{
    private const string Before = "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE";

    private const string After =
        "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION "
        + "BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE";

    private const string Inbox = "INBOX";

    private static readonly string[] s_flags = ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "$MDNSent"];

    private ExchangeTraits Traits => exchange.Traits;

    protected override long LongestUnasked => Traits.HasLiteralPlus ? long.MaxValue : 0;

    protected override string Greeting(string said) => "The Microsoft Exchange IMAP4 service is ready. [TQBXAEgAUABSADIAMQ==]";

    protected override string Capabilities(string said, bool loggedIn) =>
        (loggedIn ? After : Before) + (Traits.HasLiteralPlus ? " LITERAL+" : "");

    protected override IReadOnlyList<string> Keeps => s_flags;

    protected override string RewriteTagged(ImapCommand command, string answer)
    {
        var words = Answer().Match(answer);
        var (state, code) = (words.Groups[1].Value, words.Groups[2].Value);
        return $"{state} {(code.StartsWith("[HIGHESTMODSEQ", StringComparison.Ordinal) ? "" : code)}{command.Name} "
            + (state == "OK" ? "completed." : "failed.");
    }

    protected override ImapUnit? Rewrite(ImapCommand command, ImapUnit response)
    {
        var first = response.First;
        if (Recent().IsMatch(first))
            return ImapUnit.Of("* 0 RECENT");
        if (FlagsSaid(command, first) is { } flags)
            return flags;
        if (first.StartsWith("* OK [HIGHESTMODSEQ", StringComparison.Ordinal))
            return null;
        if (Listing().IsMatch(first))
            return Listed(response, Shown);
        return Message().IsMatch(first) ? Fetched(response) : response;
    }

    protected override async Task HandleAsync(ImapCommand command)
    {
        var text = command.Rest.First.ToUpperInvariant();
        switch (command.Name)
        {
            case var _ when command.Unit.Texts.Sum(part => part.Length) > ExchangeServer.LongestCommand:
            case "SELECT" or "EXAMINE" when command.Arguments.Count > 1:
            case "SEARCH" or "UID SEARCH" when Unknown().IsMatch(text):
            case "APPEND" when !AppendsOne(command):
                await SayAsync($"{command.Tag} {ExchangeServer.ArgumentError}");
                break;
            case "LIST" when text.Contains("RETURN", StringComparison.Ordinal) || text.StartsWith('('):
            case "COMPRESS" or "SORT" or "THREAD" or "UID SORT" or "ENABLE" or "GETQUOTA" or "GETQUOTAROOT" or "NOTIFY":
                await SayAsync($"{command.Tag} BAD Command Argument Error. 12");
                break;
            case "SEARCH" or "UID SEARCH" when text.StartsWith("CHARSET", StringComparison.Ordinal):
                await SayAsync($"{command.Tag} NO [BADCHARSET (US-ASCII)] The specified charset is not supported.");
                break;
            case "ID":
                await SayAsync("* ID (\"name\" \"Microsoft.Exchange.Imap4.Imap4Server\" \"version\" \"15.20\")");
                await EndAsync(command, "OK");
                break;
            case "CREATE":
                await CreateAsync(command);
                break;
            case "SELECT" or "EXAMINE" or "STATUS" or "DELETE" or "SUBSCRIBE" or "UNSUBSCRIBE":
                await PassAsync(command, ImapUnit.Of($"{command.Tag} {command.Name} {await NameAsync(command)}{After1(command)}"));
                break;
            case "COPY" or "UID COPY" or "MOVE" or "UID MOVE":
                var place = ImapToken.Quote(await ResolveAsync(command, command.Arguments[1].Text));
                await PassAsync(command, ImapUnit.Of($"{command.Tag} {command.Name} {command.Folder} {place}"));
                break;
            case "STORE" or "UID STORE":
                await StoreAsync(command);
                break;
            case "APPEND":
                await AppendAsync(command);
                break;
            default:
                await base.HandleAsync(command);
                break;
        }
    }

    private static string After1(ImapCommand command) =>
        command.Arguments.Count > 1 && command.Arguments[1].List is not null ? $" ({string.Join(' ', command.Arguments[1].Words)})" : "";

    private async Task<string> NameAsync(ImapCommand command) => ImapToken.Quote(await ResolveAsync(command, command.Folder));

    private static string Shown(string name) =>
        name == Inbox || name.StartsWith(Inbox + "/", StringComparison.Ordinal) ? $"Inbox{name[Inbox.Length..]}" : name;

    private ImapUnit Fetched(ImapUnit response)
    {
        var literals = response
            .Literals.Select((literal, index) => Whole().IsMatch(response.Texts[index]) ? exchange.Fetched(literal) : literal)
            .ToList();
        return (response with { Literals = literals }).With(text => Marks().Replace(Size().Replace(text, Estimate), ""));
    }

    private string Estimate(Match size)
    {
        if (!Traits.EstimatesSizes)
            return size.Value;
        exchange.Had(nameof(Traits.EstimatesSizes));
        var stored = long.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"RFC822.SIZE {stored + (stored / 8) + 1234}");
    }

    private async Task CreateAsync(ImapCommand command)
    {
        var (asked, resolved) = (command.Folder.TrimEnd('/'), await ResolveAsync(command, command.Folder));
        if (asked.Equals("Files", StringComparison.OrdinalIgnoreCase))
            await SayAsync($"{command.Tag} NO Folder name is reserved");
        else if ((await FoldersAsync(command)).Contains(resolved))
            await SayAsync($"{command.Tag} NO Mailbox already exists");
        else
            await PassAsync(command, ImapUnit.Of($"{command.Tag} CREATE {ImapToken.Quote(resolved)}"));
    }

    private async Task StoreAsync(ImapCommand command)
    {
        var (set, what) = (command.Arguments[0].Text, command.Arguments[1].Text.ToUpperInvariant());
        if (Traits.RefusesSilentStores && what.EndsWith(".SILENT", StringComparison.Ordinal))
        {
            exchange.Had(nameof(Traits.RefusesSilentStores));
            await SayAsync($"{command.Tag} {ExchangeServer.ArgumentError}");
            return;
        }
        await PassAsync(command, ImapUnit.Of($"{command.Tag} {command.Name} {set} {what} {Kept(command.Arguments[2].Words)}"));
    }

    private async Task AppendAsync(ImapCommand command)
    {
        var message = command.Rest.Literals[^1];
        if (message.Length > Traits.LargestMessage)
        {
            exchange.Had(nameof(Traits.LargestMessage));
            await SayAsync($"{command.Tag} {ExchangeServer.TooLarge}");
            return;
        }
        if (Traits.LongestLine is { } most && Lines(message).Any(line => line > most))
        {
            exchange.Had(nameof(Traits.LongestLine));
            await SayAsync($"{command.Tag} {ExchangeServer.ArgumentError}");
            return;
        }
        if ((Traits.Rewrites || Traits.RewritesEachTime) && ExchangeMime.Read(message) is null)
        {
            await SayAsync($"{command.Tag} {ExchangeServer.ArgumentError}");
            return;
        }
        await AppendAsync(command, await ResolveAsync(command, command.Folder), flags => flags.Except(["\\Flagged"]));
    }

    private static IEnumerable<int> Lines(byte[] message)
    {
        for (var start = 0; start < message.Length; )
        {
            var end = Array.IndexOf(message, (byte)'\n', start);
            yield return (end < 0 ? message.Length : end) - start;
            start = end < 0 ? message.Length : end + 1;
        }
    }

    private async Task<HashSet<string>> FoldersAsync(ImapCommand command) =>
        [.. (await AskAsync(command, "LIST \"\" *")).Select(response => ImapToken.Read(response)[4].Text)];

    /// <summary>The folder, level by level, in the letters that it was created with.</summary>
    private async Task<string> ResolveAsync(ImapCommand command, string name)
    {
        var (there, resolved) = (await FoldersAsync(command), "");
        foreach (var level in name.TrimEnd('/').Split('/'))
        {
            var wanted = resolved.Length > 0 ? $"{resolved}/{level}" : level;
            resolved =
                resolved.Length == 0 && level.Equals(Inbox, StringComparison.OrdinalIgnoreCase)
                    ? Inbox
                    : there.FirstOrDefault(other =>
                        ModifiedUtf7.Decode(other).Equals(ModifiedUtf7.Decode(wanted), StringComparison.OrdinalIgnoreCase)
                    ) ?? wanted;
        }
        return resolved;
    }

    [GeneratedRegex(@"^(OK|NO|BAD) ?(\[[^\]]*\] )?")]
    private static partial Regex Answer();

    [GeneratedRegex(@"^\* \d+ RECENT")]
    private static partial Regex Recent();

    [GeneratedRegex(@"^\* (?:LIST|LSUB|STATUS) ")]
    private static partial Regex Listing();

    [GeneratedRegex(@"^\* \d+ FETCH ")]
    private static partial Regex Message();

    [GeneratedRegex(@"(?:BODY\[\]|RFC822) $")]
    private static partial Regex Whole();

    [GeneratedRegex(@"RFC822\.SIZE (\d+)")]
    private static partial Regex Size();

    [GeneratedRegex(@"(?<=\()\\Recent\b ?| \\Recent\b")]
    private static partial Regex Marks();

    [GeneratedRegex(@"\b(?:KEYWORD|UNKEYWORD|RETURN|MODSEQ)\b")]
    private static partial Regex Unknown();
}
