using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>A session with a <see cref="GmailServer"/>.</summary>
internal sealed partial class GmailSession : ImapProxySession
{
    private const string Before =
        "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN "
        + "AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER AUTH=XOAUTH";

    private const string After =
        "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH "
        + "UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584";

    private const string LockedOut = "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)";

    private static readonly string[] s_uses = ["\\All", "\\Drafts", "\\Important", "\\Sent", "\\Junk", "\\Flagged", "\\Trash", "\\Archive"];

    private readonly GmailServer _gmail;
    private GmailStore? _store;

    public GmailSession(GmailServer gmail, ImapWire client, ImapWire server)
        : base(gmail, client, server) => _gmail = gmail;

    private GmailStore Store => _store ?? throw new InvalidOperationException("Nobody has logged in.");

    private GmailNames Names => _gmail.Names;

    protected override long LongestUnasked => 4096;

    protected override string Greeting(string said) => "Gimap ready for requests from 127.0.0.1 x2mb241876667wmk";

    protected override string Capabilities(string said, bool loggedIn) => loggedIn ? After : Before;

    protected override async Task LoggedInAsync()
    {
        _store = await _gmail.StoreOfAsync(User!);
        await _store.AloneAsync(async () =>
        {
            await _store.LimitAsync();
            return true;
        });
    }

    protected override string RewriteTagged(ImapCommand command, string answer) =>
        command.Name switch
        {
            "CAPABILITY" => "OK Thats all she wrote! x2mb241876667wmk",
            "AUTHENTICATE" or "LOGIN" => answer.StartsWith("OK", StringComparison.Ordinal)
                ? $"OK {User} authenticated (Success)"
                : "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
            _ when answer.EndsWith("(Success)", StringComparison.Ordinal) || answer.EndsWith("(Failure)", StringComparison.Ordinal) =>
                answer,
            _ => answer + (answer.StartsWith("OK", StringComparison.Ordinal) ? " (Success)" : " (Failure)"),
        };

    protected override ImapUnit? Rewrite(ImapCommand command, ImapUnit response)
    {
        if (Recent().IsMatch(response.First))
            return ImapUnit.Of("* 0 RECENT");
        if (Listing().Match(response.First) is { Success: true } listing)
        {
            var words = ImapToken.Read(response);
            var name = words[listing.Groups[1].Value == "STATUS" ? 2 : 4].Text;
            if (IsHidden(name) || (OnlyUses().IsMatch(command.Rest.First) && !Names.System.Any(known => known.Folder == name)))
                return null;
            if (listing.Groups[1].Value == "STATUS")
                return response.With(text => StatusRecent().Replace(text, "RECENT 0"));
            var use = Names.System.Where(known => known.Folder == name).Select(known => known.Use);
            return ImapUnit.Of(
                $"* {listing.Groups[1].Value} ({string.Join(' ', words[2].Words.Except(s_uses).Concat(use))}) \"/\" "
                    + (name == "INBOX" ? name : $"\"{name.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"")
            );
        }
        return response.With(text =>
            Size()
                .Replace(
                    Marks().Replace(text, ""),
                    size => $"RFC822.SIZE {_gmail.Sizes(Selected!, long.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture))}"
                )
        );
    }

    protected override Task HandleAsync(ImapCommand command)
    {
        switch (command.Name)
        {
            case "LOGIN" or "AUTHENTICATE" when _gmail.UploadDay is { LockedOut: true }:
                return SayAsync($"{command.Tag} {LockedOut}");
            case not "CAPABILITY" and not "ID" and not "LOGOUT" when _gmail.UploadDay is { LockedOut: true }:
                return EndAsync(command, LockedOut);
            // Which folders have a use is not known to the server behind.
            case "LIST" when OnlyUses().IsMatch(command.Rest.First):
                return PassAsync(command, command.Unit.WithFirst($"{command.Tag} LIST {OnlyUses().Replace(command.Rest.First, "")}"));
            case "ID":
                return AnswerAsync(command, "* ID (\"name\" \"GImap\" \"vendor\" \"Google, Inc.\" \"version\" \"gmail_imap_1\")");
            case "GETQUOTAROOT":
                return AnswerAsync(command, $"* QUOTAROOT {ImapToken.Quote(command.Folder)} \"\"", "* QUOTA \"\" (STORAGE 1000 15728640)");
            case "GETQUOTA":
                return AnswerAsync(command, "* QUOTA \"\" (STORAGE 1000 15728640)");
            case "CREATE" when Blanks().IsMatch(command.Folder):
                return EndAsync(command, "NO [CANNOT] Folder contains excess whitespace (Failure)");
            case "CREATE" when command.Folder.Contains('^', StringComparison.Ordinal):
                return EndAsync(command, "NO [CANNOT] Invalid folder name (Failure)");
            case "SELECT" or "EXAMINE" or "STATUS" or "DELETE" or "RENAME" when IsHidden(command.Folder) || command.Folder == Names.Prefix:
                return EndAsync(
                    command,
                    $"NO [NONEXISTENT] Unknown Mailbox: {command.Folder} (now in "
                        + $"{(Selected is null ? "authenticated" : "selected")} state) (Failure)"
                );
            case "SELECT" or "EXAMINE" when command.Rest.Text.Contains("QRESYNC", StringComparison.OrdinalIgnoreCase):
            case "COMPRESS" or "SORT" or "THREAD" or "UID SORT" or "UID THREAD" or "NOTIFY":
                return EndAsync(command, "BAD Could not parse command");
            case "FETCH" or "UID FETCH" when command.Rest.First.Contains("X-GM-", StringComparison.OrdinalIgnoreCase):
                return Store.AloneAsync(() => FetchAsync(command));
            case "UID SEARCH" when command.Rest.First.Contains("X-GM-MSGID", StringComparison.OrdinalIgnoreCase):
                return Store.AloneAsync(() => SearchAsync(command));
            case "STORE" or "UID STORE":
                return Store.AloneAsync(() => StoreAsync(command));
            case "APPEND":
                return Store.AloneAsync(() => AppendAsync(command));
            case "COPY" or "UID COPY" or "MOVE" or "UID MOVE":
                return Store.AloneAsync(() => CopyAsync(command));
            default:
                return base.HandleAsync(command);
        }
    }

    private bool IsHidden(string folder)
    {
        if (folder.StartsWith(GmailStore.Cellar.TrimEnd('/'), StringComparison.Ordinal))
            return true;
        if (!_gmail.Hidden.Contains(folder))
            return false;
        _gmail.Had(nameof(_gmail.Hidden));
        return true;
    }

    private async Task AnswerAsync(ImapCommand command, params string[] lines)
    {
        foreach (var line in lines)
            await SayAsync(line);
        await EndAsync(command, "OK Success");
    }

    private async Task<bool> FetchAsync(ImapCommand command)
    {
        var asked = Extension().Matches(command.Rest.First).Select(match => match.Groups[1].Value.ToUpperInvariant()).Distinct().ToList();
        var first = true;
        var items = Extension()
            .Replace(
                command.Rest.First,
                _ =>
                {
                    var item = first ? "X-GUID" : "";
                    first = false;
                    return item;
                }
            );
        items = Spaces().Replace(items, " ").Replace("( ", "(", StringComparison.Ordinal).Replace(" )", ")", StringComparison.Ordinal);
        var copies = (await Store.CopiesAsync()).ToLookup(copy => copy.Message);
        var tagged = await ExecuteAsync(
            command,
            command.Unit.WithFirst($"{command.Tag} {command.Name} {items.Trim()}"),
            async response =>
            {
                var own = response.With(text =>
                    Guid().Replace(text, match => string.Join(' ', asked.Select(item => Extra(item, match.Groups[1].Value, copies))))
                );
                if (Rewrite(command, own) is { } passed)
                    await SayAsync(passed);
            }
        );
        await EndAsync(command, tagged);
        return true;
    }

    private async Task<bool> SearchAsync(ImapCommand command)
    {
        var uids = (await Store.CopiesAsync())
            .Where(copy => copy.Folder == Selected)
            .ToDictionary(copy => IdOf(copy.Message).ToString(CultureInfo.InvariantCulture), copy => copy.Uid);
        var asked = MessageIdKey()
            .Replace(command.Rest.First, key => uids.TryGetValue(key.Groups[1].Value, out var uid) ? $"UID {uid}" : "NOT ALL");
        var tagged = await ExecuteAsync(
            command,
            command.Unit.WithFirst($"{command.Tag} {command.Name} {asked}"),
            response => SayAsync(response)
        );
        await EndAsync(command, tagged);
        return true;
    }

    private string Extra(string item, string message, ILookup<string, GmailCopy> copies) =>
        item == "LABELS"
            ? $"X-GM-LABELS ({string.Join(' ', Store.Labels(copies[message], Selected!).Select(ImapToken.Quote))})"
            : $"X-GM-{item} {IdOf(message)}";

    /// <summary>63 bits, as the real ones.</summary>
    private static ulong IdOf(string message) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes(message))) >> 1;

    private async Task<bool> StoreAsync(ImapCommand command)
    {
        var (set, what, list) = (command.Arguments[0].Text, command.Arguments[1].Text.ToUpperInvariant(), command.Arguments[2]);
        var prefix = command.Name == "UID STORE" ? "UID " : "";
        // UNCHANGEDSINCE stands before what is stored.
        if (command.Arguments[1].List is not null)
            (what, list) = (command.Arguments[2].Text.ToUpperInvariant(), command.Arguments[3]);
        if (what.Contains("X-GM-LABELS", StringComparison.Ordinal))
        {
            var chosen = await ChosenAsync(command, set);
            await LabelAsync(chosen, what[0], [.. list.Words]);
            await AskAsync(command, "NOOP");
            if (!what.EndsWith(".SILENT", StringComparison.Ordinal))
            {
                var copies = (await Store.CopiesAsync()).ToLookup(copy => copy.Message);
                foreach (var response in await AskAsync(command, $"{prefix}FETCH {set} (UID X-GUID)"))
                    await SayAsync(response.With(text => Guid().Replace(text, match => Extra("LABELS", match.Groups[1].Value, copies))));
            }
            await EndAsync(command, "OK Success");
            return true;
        }
        var tagged = await ExecuteAsync(
            command,
            command.Unit,
            async response =>
            {
                if (Rewrite(command, response) is { } passed)
                    await SayAsync(passed);
            }
        );
        if (tagged.StartsWith("OK", StringComparison.Ordinal) && await ChosenAsync(command, set) is { Count: > 0 } now)
        {
            await Store.SpreadFlagsAsync(now.ToDictionary(copy => copy.Message, copy => copy.Flags));
            if (_gmail.ExpungesAtOnce && what[0] != '-' && list.Words.Contains("\\Deleted", StringComparer.OrdinalIgnoreCase))
                await AskAsync(command, $"UID EXPUNGE {string.Join(',', now.Select(copy => copy.Uid))}");
        }
        await EndAsync(command, tagged);
        return true;
    }

    private async Task LabelAsync(IReadOnlyList<GmailCopy> chosen, char change, IReadOnlyList<string> labels)
    {
        var folders = labels.Select(Names.FolderOf).ToHashSet();
        foreach (var copy in chosen)
        {
            if (change != '-')
            {
                foreach (var folder in folders)
                    await Store.PutAsync(copy, folder);
            }
            if (change != '+')
                await Store.RemoveAsync(
                    (await Store.CopiesAsync()).Where(other =>
                        other.Message == copy.Message
                        && !Store.InAllMail(other)
                        && folders.Contains(GmailStore.Visible(other.Folder)) == (change == '-')
                    )
                );
        }
        if (folders.Contains(Names.Stars))
            await Store.SpreadFlagsAsync(
                chosen.ToDictionary(
                    copy => copy.Message,
                    copy =>
                        string.Join(
                            ' ',
                            copy.Flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                                .Except(["\\Flagged"])
                                .Concat(change == '-' ? [] : ["\\Flagged"])
                                .Order(StringComparer.Ordinal)
                        )
                )
            );
        await Store.TouchAsync(chosen.Select(copy => copy.Message).ToHashSet());
        await Store.LimitAsync();
    }

    private async Task<bool> AppendAsync(ImapCommand command)
    {
        var (arguments, literals) = (command.Arguments, command.Rest.Literals);
        var messages = literals.Count - (command.Rest.First.Trim().Length == 0 ? 1 : 0);
        if (messages != 1 || command.Rest.Texts[^1].Trim().Length > 0)
        {
            await EndAsync(command, "BAD Could not parse command");
            return true;
        }
        if (IsHidden(command.Folder) || !(await Store.FoldersAsync()).Contains(command.Folder))
        {
            await EndAsync(command, "NO [TRYCREATE] No folder " + command.Folder + " (Failure)");
            return true;
        }
        var flags = arguments.FirstOrDefault(argument => argument.List is not null)?.Words ?? [];
        var date = arguments.Skip(1).SkipLast(1).FirstOrDefault(argument => argument.List is null)?.Text ?? "";
        var given = await Store.AppendAsync(command.Folder, string.Join(' ', flags), date, literals[^1]);
        if (Selected is not null)
            await AskAsync(command, "NOOP");
        await EndAsync(command, $"OK [APPENDUID {given}] (Success)");
        return true;
    }

    private async Task<bool> CopyAsync(ImapCommand command)
    {
        var (folder, moves) = (command.Arguments[1].Text, command.Name.EndsWith("MOVE", StringComparison.Ordinal));
        if (IsHidden(folder) || !(await Store.FoldersAsync()).Contains(folder))
        {
            await EndAsync(command, "NO [TRYCREATE] No folder " + folder + " (Failure)");
            return true;
        }
        var chosen = await ChosenAsync(command, command.Arguments[0].Text);
        var given = new List<string[]>();
        foreach (var copy in chosen)
        {
            given.Add((await Store.PutAsync(copy, folder)).Split(' '));
            var others = (await Store.CopiesAsync()).Where(other => other.Message == copy.Message && other.Folder != folder).ToList();
            // There and nowhere else, or back from there.
            if (Names.IsApart(folder))
                await Store.RemoveAsync(others);
            else if (Names.IsApart(copy.Folder))
            {
                await Store.PutAsync(copy, Names.All);
                await Store.RemoveAsync([copy]);
            }
            else if (moves && !Store.InAllMail(copy))
                await Store.RemoveAsync([copy]);
        }
        await Store.TouchAsync(chosen.Select(copy => copy.Message).ToHashSet());
        await Store.LimitAsync();
        var code =
            given.Count == 0
                ? ""
                : $"[COPYUID {given[0][0]} {string.Join(',', chosen.Select(copy => copy.Uid))} "
                    + $"{string.Join(',', given.Select(uid => uid[1]))}] ";
        // With MOVE, what was given is said before what is gone.
        if (moves && code.Length > 0)
            await SayAsync($"* OK {code}");
        await AskAsync(command, "NOOP");
        await EndAsync(command, moves ? "OK (Success)" : $"OK {code}(Success)");
        return true;
    }

    private async Task<IReadOnlyList<GmailCopy>> ChosenAsync(ImapCommand command, string set) =>
        [
            .. (
                await AskAsync(
                    command,
                    $"{(command.Name.StartsWith("UID", StringComparison.Ordinal) ? "UID " : "")}FETCH {set} (UID X-GUID FLAGS)"
                )
            )
                .Select(response => GmailStore.Of(response.Text, Selected!))
                .OfType<GmailCopy>()
                .DistinctBy(copy => copy.Uid),
        ];

    [GeneratedRegex(@"\bRFC822\.SIZE (\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex Size();

    [GeneratedRegex(@"X-GM-MSGID (\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex MessageIdKey();

    [GeneratedRegex(@"^\(SPECIAL-USE\) ", RegexOptions.IgnoreCase)]
    private static partial Regex OnlyUses();

    [GeneratedRegex(@"X-GM-(MSGID|THRID|LABELS)", RegexOptions.IgnoreCase)]
    private static partial Regex Extension();

    [GeneratedRegex(@"X-GUID ""?([0-9a-f]+)""?")]
    private static partial Regex Guid();

    [GeneratedRegex("  +")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^ | $|  |/ | /")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^\* \d+ RECENT")]
    private static partial Regex Recent();

    [GeneratedRegex(@"\bRECENT \d+")]
    private static partial Regex StatusRecent();

    [GeneratedRegex(@"^\* (LIST|LSUB|STATUS|XLIST) ")]
    private static partial Regex Listing();

    [GeneratedRegex(@"(?<=\()(?:\\Recent|gmmark)\b ?| (?:\\Recent|gmmark)\b")]
    private static partial Regex Marks();
}
