namespace Migrator.Core.Mail;

/// <summary>Keys of entries that no message has: what a UID map notes about the message with another UID. An entry is never changed, so
/// each mark is an entry of its own, with a UID of its own.</summary>
public static class UidMapMark
{
    private static readonly string[] s_kinds = ["size:", "gone:", "back:", "leaving:"];

    public static bool Is(string key) => Array.Exists(s_kinds, kind => key.StartsWith(kind, StringComparison.Ordinal));

    /// <summary>The server listed the message with this size, which its key does not say; its content was compared then.</summary>
    public static string Size(Uid uid, long size) => $"size:{uid}:{size}";

    /// <summary>The server did not list the message, for the first, second ... time.</summary>
    public static string Gone(Uid uid, int time) => $"gone:{uid}:{time}";

    /// <summary>After that it listed a message under the same id, and the content was the same.</summary>
    public static string Back(Uid uid, int time) => $"back:{uid}:{time}";

    /// <summary>The message is about to be deleted at the server: what is listed under its id from now on may be another one.</summary>
    public static string Leaving(Uid uid) => $"leaving:{uid}";

    /// <summary>The marks to be added before messages are deleted at the server.</summary>
    /// <param name="entries">Everything in the UID map.</param>
    public static IReadOnlyList<UidMapEntry> LeavingEntries(IReadOnlyList<UidMapEntry> entries, IEnumerable<Uid> uids, DateTimeOffset now)
    {
        var keys = entries.Select(entry => entry.Key).ToHashSet();
        var highest = entries.Select(entry => entry.Uid).DefaultIfEmpty().Max();
        // What is known by its content needs no mark: other mail has another name.
        var byId = entries.Where(entry => entry.Key.StartsWith("uidl:", StringComparison.Ordinal)).Select(entry => entry.Uid).ToHashSet();
        return
        [
            .. uids.Where(byId.Contains)
                .Select(Leaving)
                .Where(key => !keys.Contains(key))
                .Select(key => new UidMapEntry(key, highest = highest.Next, now)),
        ];
    }
}
