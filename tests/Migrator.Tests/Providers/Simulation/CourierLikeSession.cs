using System.Text.RegularExpressions;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>A session with a <see cref="CourierLikeServer"/>.</summary>
internal sealed partial class CourierLikeSession(CourierLikeServer courier, ImapWire client, ImapWire server)
    : ImapProxySession(courier, client, server)
{
    private static readonly string[] s_flags = ["\\Draft", "\\Answered", "\\Flagged", "\\Deleted", "\\Seen"];

    private CourierTraits Traits => courier.Traits;

    private bool HasKeywords => !Traits.DropsKeywords && !Traits.RefusesKeywords;

    protected override IReadOnlyList<string>? Keeps => HasKeywords ? null : s_flags;

    protected override long LongestUnasked => 0;

    protected override string? Refusal
    {
        get
        {
            if (!(courier.Open > Traits.Connections))
                return null;
            courier.Had(nameof(Traits.Connections));
            return Traits.Refusal;
        }
    }

    protected override string Greeting(string said) =>
        $"[CAPABILITY {Capabilities(said, loggedIn: false)}] Courier-IMAP ready. Copyright 1998-2011 Double Precision, Inc.  "
        + "See COPYING for distribution information.";

    protected override string Capabilities(string said, bool loggedIn)
    {
        if (Traits.LacksUidPlus)
            courier.Had(nameof(Traits.LacksUidPlus));
        return $"IMAP4rev1 {(Traits.LacksUidPlus ? "" : "UIDPLUS ")}CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT "
            + "QUOTA IDLE ACL ACL2=UNION";
    }

    protected override ImapUnit? Rewrite(ImapCommand command, ImapUnit response)
    {
        var first = response.First;
        if (!HasKeywords && FlagsSaid(command, first) is { } flags)
        {
            courier.Had(Traits.DropsKeywords ? nameof(Traits.DropsKeywords) : nameof(Traits.RefusesKeywords));
            return flags;
        }
        if (Unsaid().IsMatch(first))
            return null;
        if (first.StartsWith("* NAMESPACE ", StringComparison.Ordinal))
            return ImapUnit.Of("* NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\")(\"shared.\" \".\"))");
        if (!Traits.NoInferiors || !Listing().IsMatch(first))
            return response;
        courier.Had(nameof(Traits.NoInferiors));
        return response.WithFirst(Listing().Replace(first, "$0\\Noinferiors "));
    }

    protected override string RewriteTagged(ImapCommand command, string answer)
    {
        var (name, code) = (command.Name.Split(' ')[^1], Code().Match(answer).Value);
        return (answer.Split(' ')[0], name) switch
        {
            ("OK", "SELECT" or "EXAMINE") => $"OK {code}Ok",
            ("OK", "APPEND" or "COPY") => $"OK {(Traits.LacksUidPlus ? "" : code)}{name} " + (name == "COPY" ? "completed." : "Ok."),
            ("OK", "CREATE") => $"OK \"{command.Folder}\" created.",
            ("OK", "NAMESPACE") => "OK NAMESPACE completed.",
            ("OK", "LIST" or "LSUB" or "CAPABILITY") => $"OK {name} completed",
            ("OK", "LOGIN") => "OK LOGIN Ok.",
            ("OK", "SEARCH") => "OK SEARCH done.",
            ("OK", "FETCH" or "STORE") => $"OK {name} completed.",
            ("OK", "STATUS") => "OK STATUS Completed.",
            ("NO", "SELECT" or "EXAMINE" or "STATUS") => "NO Mailbox does not exist, or must be subscribed to.",
            ("NO", "APPEND") when code.Contains("TRYCREATE", StringComparison.Ordinal) =>
                "NO [TRYCREATE] Must create mailbox before append",
            ("NO", "COPY") => "NO [TRYCREATE] Mailbox does not exist.",
            ("NO", "CREATE") => "NO Cannot create this folder.",
            ("BAD", _) => CourierLikeServer.CommandError,
            _ => answer,
        };
    }

    protected override async Task HandleAsync(ImapCommand command)
    {
        if (Traits.LongestWord is { } most && command.Unit.Texts.SelectMany(text => text.Split(' ')).Any(word => word.Length > most))
        {
            courier.Had(nameof(Traits.LongestWord));
            await SayAsync("* BYE [ALERT] Fatal error: max atom size too small: Invalid argument");
            throw new IOException("A word of the command was too long.");
        }
        switch (command.Name)
        {
            case "ID" or "UNSELECT" or "COMPRESS" or "NOTIFY" or "XLIST" or "MOVE" or "UID MOVE" or "ENABLE":
            case "UID EXPUNGE" when Traits.LacksUidPlus:
            case "LIST" when command.Arguments.Count != 2 || command.Arguments[0].List is not null:
            case "SELECT" or "EXAMINE" when command.Arguments.Count > 1:
            case "SEARCH" or "UID SEARCH" when command.Rest.First.StartsWith("RETURN", StringComparison.OrdinalIgnoreCase):
            case "APPEND" when !AppendsOne(command) || BeforeUnix().IsMatch(command.Rest.Text):
                await SayAsync($"{command.Tag} {CourierLikeServer.CommandError}");
                break;
            case "APPEND" or "STORE" or "UID STORE" when Traits.RefusesKeywords && Flags(command).Except(s_flags).Any():
                await SayAsync($"{command.Tag} {CourierLikeServer.CommandError}");
                break;
            case "CREATE" when !IsName(command.Folder):
                await SayAsync($"{command.Tag} NO Invalid mailbox name.");
                break;
            case "CREATE" when Traits.NoInferiors && command.Folder.Split('.').Length > 2:
                courier.Had(nameof(Traits.NoInferiors));
                await SayAsync($"{command.Tag} NO Cannot create this folder.");
                break;
            case "GETQUOTAROOT":
                await SayAsync($"* QUOTAROOT {ImapToken.Quote(command.Folder)} \"ROOT\"");
                await SayAsync("* QUOTA \"ROOT\"");
                await SayAsync($"{command.Tag} OK GETQUOTAROOT Ok.");
                break;
            case "APPEND":
                await AppendAsync(command, command.Folder, flags => flags);
                break;
            case "STORE" or "UID STORE" when !HasKeywords:
                var (set, what) = (command.Arguments[0].Text, command.Arguments[1].Text);
                await PassAsync(command, ImapUnit.Of($"{command.Tag} {command.Name} {set} {what} {Kept(Flags(command))}"));
                break;
            case "FETCH":
                await FetchAsync(command);
                break;
            default:
                await base.HandleAsync(command);
                break;
        }
    }

    private async Task FetchAsync(ImapCommand command)
    {
        var answer = await ExecuteAsync(
            command,
            command.Unit,
            async response => await SayAsync(Rewrite(command, response) ?? throw new InvalidOperationException(response.Text))
        );
        var missing = answer.Contains("Invalid messageset", StringComparison.Ordinal);
        if (missing)
            await SayAsync($"* NO Invalid message sequence number: {command.Folder}");
        await EndAsync(command, missing ? "OK" : answer);
    }

    private static IEnumerable<string> Flags(ImapCommand command) =>
        command.Arguments.Skip(command.Name == "APPEND" ? 1 : 2).FirstOrDefault(argument => argument.List is not null)?.Words ?? [];

    private static bool IsName(string folder) =>
        folder.TrimEnd('.') is var name
        && name.StartsWith("INBOX.", StringComparison.OrdinalIgnoreCase)
        && !name.Contains("..", StringComparison.Ordinal)
        && !name.Contains('/', StringComparison.Ordinal);

    [GeneratedRegex(@"^\* OK \[(?:UIDNEXT|HIGHESTMODSEQ|NOMODSEQ|UNSEEN|CLOSED)\b")]
    private static partial Regex Unsaid();

    [GeneratedRegex(@"^\* (?:LIST|LSUB) \(")]
    private static partial Regex Listing();

    [GeneratedRegex(@"\[[^\]]*\] ")]
    private static partial Regex Code();

    // Dates before 1970.
    [GeneratedRegex(@"""[ \d]\d-\w{3}-(?:19[0-6]|1[0-8])\d")]
    private static partial Regex BeforeUnix();
}
