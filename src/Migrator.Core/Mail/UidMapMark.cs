using System.Globalization;

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

    /// <summary>The message is about to be deleted at the server: what is listed under its id, or with its
    /// content, from now on may be another one.</summary>
    public static string Leaving(Uid uid) => $"leaving:{uid}";

    /// <returns>Of each message that was about to be deleted, the UID of that mark. What has a lower UID was listed before the message was
    /// deleted: it is not the same message under another name.</returns>
    public static IReadOnlyDictionary<Uid, Uid> LeavingMarks(IEnumerable<UidMapEntry> entries)
    {
        var marks = new Dictionary<Uid, Uid>();
        foreach (var entry in entries.Where(entry => entry.Key.StartsWith("leaving:", StringComparison.Ordinal)))
        {
            if (uint.TryParse(entry.Key.AsSpan("leaving:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
                marks[uid] = entry.Uid;
        }
        return marks;
    }

    /// <summary>The marks to be added before messages are deleted at the server.</summary>
    /// <param name="entries">Everything in the UID map.</param>
    public static IReadOnlyList<UidMapEntry> LeavingEntries(IReadOnlyList<UidMapEntry> entries, IEnumerable<Uid> uids, DateTimeOffset now)
    {
        var keys = entries.Select(entry => entry.Key).ToHashSet();
        var highest = entries.Select(entry => entry.Uid).DefaultIfEmpty().Max();
        // A message that could not be read is not deleted, so that nothing else needs a mark.
        var deletable = entries.Where(entry => IsName(entry.Key)).Select(entry => entry.Uid).ToHashSet();
        return
        [
            .. uids.Where(deletable.Contains)
                .Select(Leaving)
                .Where(key => !keys.Contains(key))
                .Select(key => new UidMapEntry(key, highest = highest.Next, now)),
        ];
    }

    private static bool IsName(string key) =>
        key.StartsWith("uidl:", StringComparison.Ordinal) || key.StartsWith("sha256:", StringComparison.Ordinal);
}
