using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Migrations;

namespace Migrator.Tests.Servers;

/// <content>What the server does where nothing is scripted.</content>
public sealed partial class ScriptedSession
{
    /// <summary>What the server does where nothing is scripted.</summary>
    public string Do(ScriptedCommand command) =>
        command.Name switch
        {
            "CAPABILITY" => Untagged($"CAPABILITY {server.Capabilities}"),
            "LOGIN" or "AUTHENTICATE" => $"OK [CAPABILITY {server.Capabilities}] logged in",
            "NAMESPACE" => Untagged($"NAMESPACE {server.Namespace}"),
            "ID" => Untagged("ID NIL"),
            "ENABLE" => Untagged($"ENABLED {command.Arguments}"),
            "NOOP" or "CHECK" => "OK done",
            "LOGOUT" => Untagged("BYE bye"),
            "CLOSE" or "UNSELECT" => Close(),
            "LIST" or "LSUB" => List(command),
            "STATUS" => Status(command),
            "SELECT" or "EXAMINE" => Select(command),
            "UID SEARCH" => Search(command),
            "UID FETCH" => Fetch(command),
            "UID STORE" => Store(command),
            "UID EXPUNGE" => Expunge(command.Named),
            "EXPUNGE" => Expunge([.. Open!.Messages]),
            "UID COPY" or "UID MOVE" => Transfer(command),
            "CREATE" => Create(command),
            "DELETE" => server.Folders.Remove(command.Folder!) ? "OK deleted" : "NO [NONEXISTENT] there is no such folder",
            "SUBSCRIBE" => Subscribe(command, true),
            "UNSUBSCRIBE" => Subscribe(command, false),
            "APPEND" => Append(command),
            _ => "BAD unknown command",
        };

    private string Untagged(string line)
    {
        Say($"* {line}");
        return "OK done";
    }

    private string Close()
    {
        OpenName = null;
        return "OK done";
    }

    private string List(ScriptedCommand command)
    {
        var arguments = Words().Matches(command.Arguments).Select(match => Argument(match.Value, command.Literals)).ToList();
        var status = Regex.Match(command.Arguments, @"RETURN \(.*STATUS \(([^)]*)\)", RegexOptions.IgnoreCase);
        var pattern = arguments.SkipWhile(word => word.StartsWith('(')).Take(2).ToList();
        var wanted = string.Concat(pattern);
        if (wanted.Length == 0)
            return Untagged($"{command.Name} (\\Noselect) \"{server.Delimiter}\" \"\"");
        var expression = new Regex(
            "^" + Regex.Escape(wanted).Replace("\\*", ".*").Replace("%", $"[^{Regex.Escape(server.Delimiter.ToString())}]*") + "$",
            RegexOptions.Singleline
        );
        foreach (var (name, folder) in server.Folders.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!expression.IsMatch(name) || (command.Name == "LSUB" && !folder.Subscribed))
                continue;
            var subscribed =
                folder.Subscribed && command.Arguments.Contains("SUBSCRIBED", StringComparison.OrdinalIgnoreCase) ? " \\Subscribed" : "";
            Say($"* {command.Name} ({(folder.Attributes + subscribed).Trim()}) \"{server.Delimiter}\" {Quote(name)}");
            if (status.Success && !folder.Attributes.Contains("\\Noselect", StringComparison.OrdinalIgnoreCase))
                Say($"* STATUS {Quote(name)} ({Items(folder, status.Groups[1].Value)})");
        }
        return "OK done";
    }

    private string Status(ScriptedCommand command)
    {
        if (server.Folders.GetValueOrDefault(command.Folder!) is not { } folder)
            return "NO [NONEXISTENT] there is no such folder";
        var items = Regex.Match(command.Arguments, @"\(([^)]*)\)$").Groups[1].Value;
        return Untagged($"STATUS {Quote(command.Folder!)} ({Items(folder, items)})");
    }

    private static string Items(ScriptedFolder folder, string items) =>
        string.Join(
            ' ',
            items
                .ToUpperInvariant()
                .Split(' ')
                .Select(item =>
                    item switch
                    {
                        "MESSAGES" => $"MESSAGES {folder.Messages.Count}",
                        "UIDNEXT" => $"UIDNEXT {folder.UidNext}",
                        "UIDVALIDITY" when folder.UidValidity > 0 => $"UIDVALIDITY {folder.UidValidity}",
                        "HIGHESTMODSEQ" => $"HIGHESTMODSEQ {folder.ModSeq}",
                        "UNSEEN" or "RECENT" => $"{item} 0",
                        _ => null,
                    }
                )
                .OfType<string>()
        );

    private string Select(ScriptedCommand command)
    {
        OpenName = null;
        if (server.Folders.GetValueOrDefault(command.Folder!) is not { } folder)
            return "NO [NONEXISTENT] there is no such folder";
        OpenName = command.Folder;
        Say(@"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)");
        if (server.PermanentFlags is { } flags)
            Say($"* OK [PERMANENTFLAGS ({flags})] kept");
        Say($"* {folder.Messages.Count} EXISTS");
        Say("* 0 RECENT");
        Say(folder.UidValidity > 0 ? $"* OK [UIDVALIDITY {folder.UidValidity}] valid" : "* NO [UIDNOTSTICKY] no lasting UIDs");
        Say($"* OK [UIDNEXT {folder.UidNext}] next");
        if (server.Capabilities.Contains("CONDSTORE", StringComparison.Ordinal))
            Say($"* OK [HIGHESTMODSEQ {folder.ModSeq}] highest");
        return command.Name == "SELECT" ? "OK [READ-WRITE] open" : "OK [READ-ONLY] open";
    }

    private string Search(ScriptedCommand command)
    {
        var changed = Regex.Match(command.Arguments, @"MODSEQ (\d+)", RegexOptions.IgnoreCase);
        var since = changed.Success ? ulong.Parse(changed.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        var found =
            changed.Success ? Open!.Messages.FindAll(message => message.ModSeq >= since)
            : command.Arguments.Contains("ALL", StringComparison.OrdinalIgnoreCase) ? Open!.Messages
            : ScriptedCommand.Uids(Open!, Regex.Match(command.Arguments, "UID ([0-9:,*]+)", RegexOptions.IgnoreCase).Groups[1].Value);
        return Untagged($"SEARCH{string.Concat(found.Select(message => $" {message.Uid}"))}");
    }

    private string Fetch(ScriptedCommand command)
    {
        var since = Regex.Match(command.Arguments, @"CHANGEDSINCE (\d+)", RegexOptions.IgnoreCase) is { Success: true } match
            ? ulong.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;
        foreach (var message in command.Named.Where(message => message.ModSeq > since))
            SayFetch(message, command.Arguments);
        return "OK done";
    }

    /// <summary>The FETCH response of a message with the items that were asked for.</summary>
    public void SayFetch(ScriptedMessage message, string items)
    {
        var folder = Open!;
        var line = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"* {folder.Messages.IndexOf(message) + 1} FETCH (UID {message.Uid}"
        );
        if (Regex.IsMatch(items, @"\bFLAGS\b"))
            line.Append(CultureInfo.InvariantCulture, $" FLAGS ({string.Join(' ', message.Flags)})");
        if (items.Contains("INTERNALDATE", StringComparison.Ordinal))
            line.Append(CultureInfo.InvariantCulture, $" INTERNALDATE {message.InternalDate}");
        if (items.Contains("RFC822.SIZE", StringComparison.Ordinal))
            line.Append(CultureInfo.InvariantCulture, $" RFC822.SIZE {message.Content.Length}");
        if (items.Contains("MODSEQ", StringComparison.Ordinal))
            line.Append(CultureInfo.InvariantCulture, $" MODSEQ ({message.ModSeq})");
        if (items.Contains("HEADER.FIELDS", StringComparison.Ordinal))
        {
            var header = Encoding.Latin1.GetString(message.Content).Split("\r\n\r\n")[0] + "\r\n";
            var names = Regex.Match(items, @"HEADER\.FIELDS \(([^)]*)\)").Groups[1].Value;
            var fields =
                string.Concat(
                    names.Split(' ').Select(name => Regex.Match(header, $@"(?im)^{Regex.Escape(name)}:.*\r?\n(?:[ \t].*\r?\n)*").Value)
                ) + "\r\n";
            Say(Encoding.Latin1.GetBytes($"{line} BODY[HEADER.FIELDS ({names})] {{{fields.Length}}}\r\n{fields})\r\n"));
            return;
        }
        if (!items.Contains("BODY", StringComparison.Ordinal))
        {
            Say($"{line})");
            return;
        }
        Say(Encoding.Latin1.GetBytes($"{line} BODY[] {{{message.Content.Length}}}\r\n"));
        Say(message.Content);
        Say(")");
    }

    private string Store(ScriptedCommand command)
    {
        var match = Regex.Match(command.Arguments, @"([+-]?)FLAGS(?:\.SILENT)? \(([^)]*)\)$", RegexOptions.IgnoreCase);
        var flags = match.Groups[2].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var message in command.Named)
        {
            message.ModSeq = ++Open!.ModSeq;
            if (match.Groups[1].Value == "-")
                message.Flags.ExceptWith(flags);
            else
                message.Flags.UnionWith(flags);
        }
        return "OK done";
    }

    private string Expunge(IReadOnlyList<ScriptedMessage> messages)
    {
        foreach (var message in messages.Where(message => message.Flags.Contains("\\Deleted")))
        {
            Say($"* {Open!.Messages.IndexOf(message) + 1} EXPUNGE");
            Open.Messages.Remove(message);
            Open.ModSeq++;
        }
        return "OK done";
    }

    private string Transfer(ScriptedCommand command)
    {
        var name = Argument(command.Arguments[(command.Arguments.IndexOf(' ', StringComparison.Ordinal) + 1)..], command.Literals);
        if (server.Folders.GetValueOrDefault(name) is not { } folder)
            return "NO [TRYCREATE] there is no such folder";
        var (from, to) = (new List<uint>(), new List<uint>());
        foreach (var message in command.Named)
        {
            from.Add(message.Uid);
            to.Add(folder.Add(message.Content, message.Flags, message.InternalDate).Uid);
            if (command.Name != "UID MOVE")
                continue;
            Say($"* {Open!.Messages.IndexOf(message) + 1} EXPUNGE");
            Open.Messages.Remove(message);
        }
        return command.Name == "UID COPY" && from.Count > 0 && server.Capabilities.Contains("UIDPLUS", StringComparison.Ordinal)
            ? $"OK [COPYUID {folder.UidValidity} {string.Join(',', from)} {string.Join(',', to)}] copied"
            : "OK done";
    }

    private string Create(ScriptedCommand command)
    {
        var name = command.Folder!.TrimEnd(server.Delimiter);
        return server.Folders.TryAdd(name, new ScriptedFolder { Subscribed = false }) ? "OK created" : "NO [ALREADYEXISTS] it is there";
    }

    private string Subscribe(ScriptedCommand command, bool subscribed)
    {
        if (server.Folders.GetValueOrDefault(command.Folder!) is { } folder)
            folder.Subscribed = subscribed;
        return "OK done";
    }

    private string Append(ScriptedCommand command)
    {
        if (server.Folders.GetValueOrDefault(command.Folder!) is not { } folder)
            return "NO [TRYCREATE] there is no such folder";
        if (command.Literals.Count == 0)
            return "BAD there is no message";
        var uids = AppendedMessage()
            .Matches(command.Arguments)
            .Select(match =>
                folder
                    .Add(
                        server.Store(command.Literals[int.Parse(match.Groups["literal"].Value, CultureInfo.InvariantCulture)]),
                        match.Groups["flags"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                        match.Groups["date"].Success ? match.Groups["date"].Value.Trim() : "\"26-Nov-2026 00:00:00 +0000\""
                    )
                    .Uid
            )
            .ToList();
        if (Open == folder)
            Say($"* {folder.Messages.Count} EXISTS");
        var code = server.Capabilities.Contains("UIDPLUS", StringComparison.Ordinal)
            ? $"[APPENDUID {folder.UidValidity} {uids[0]}{(uids.Count > 1 ? $":{uids[^1]}" : "")}] "
            : "";
        return $"OK {code}appended";
    }

    private static string Quote(string name) =>
        $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""|\{\d+\}|\([^()]*(?:\([^()]*\)[^()]*)*\)|\S+")]
    private static partial Regex Words();

    [GeneratedRegex(@"(?:\((?<flags>[^)]*)\) )?(?<date>""[^""]*"" )?\{(?<literal>\d+)\}")]
    private static partial Regex AppendedMessage();
}
