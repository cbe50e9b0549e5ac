using System.Text.RegularExpressions;

namespace Migrator.Tests.Servers;

/// <summary>A command that a client sent to a <see cref="ScriptedImap"/>.</summary>
/// <param name="Name">In upper case, with <c>UID</c> where it stands before: <c>UID FETCH</c>.</param>
/// <param name="Arguments">As sent, with <c>{n}</c> in place of the literal of that number, from 0.</param>
public sealed record ScriptedCommand(ScriptedSession Session, string Tag, string Name, string Arguments, IReadOnlyList<byte[]> Literals)
{
    /// <summary>The folder that is open, or that the command names first.</summary>
    public string? Folder =>
        Name is "SELECT" or "EXAMINE" or "STATUS" or "APPEND" or "CREATE" or "DELETE" or "SUBSCRIBE" or "UNSUBSCRIBE"
            ? ScriptedSession.Argument(Arguments, Literals)
            : Session.OpenName;

    /// <summary>The messages that the command names by UID, of the open folder.</summary>
    public IReadOnlyList<ScriptedMessage> Named =>
        Session.Open is { } folder && Regex.Match(Arguments, "^(?:UID )?([0-9:,*]+)") is { Success: true } set
            ? Uids(folder, set.Groups[1].Value)
            : [];

    /// <summary>Sends a line before the tagged response.</summary>
    public void Say(string line) => Session.Say(line);

    /// <summary>Sends what was said so far, then hangs up.</summary>
    public string Drop() => throw new ScriptedDropException();

    public static IReadOnlyList<ScriptedMessage> Uids(ScriptedFolder folder, string set)
    {
        var highest = folder.Messages.Count == 0 ? 0 : folder.Messages.Max(message => message.Uid);
        var ranges = set.Split(',')
            .Select(part => part.Split(':').Select(uid => uid == "*" ? highest : uint.Parse(uid)).Order().ToArray())
            .ToList();
        var (single, wide) = (
            ranges.Where(range => range.Length == 1).Select(range => range[0]).ToHashSet(),
            ranges.Where(range => range.Length == 2).ToList()
        );
        return
        [
            .. folder.Messages.Where(message =>
                single.Contains(message.Uid) || wide.Exists(range => range[0] <= message.Uid && message.Uid <= range[1])
            ),
        ];
    }
}
