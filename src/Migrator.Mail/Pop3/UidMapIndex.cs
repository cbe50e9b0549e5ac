using System.Globalization;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;

namespace Migrator.Mail.Pop3;

/// <summary>What a UID map says, by unique id (UIDL).</summary>
internal sealed partial class UidMapIndex
{
    private readonly Dictionary<string, Uid> _uids = [];
    private readonly Dictionary<string, List<KnownMessage>> _byUidl = [];
    private readonly Dictionary<string, List<(string Key, KnownMessage Message)>> _byContent = [];
    private Uid _highest;

    public UidMapIndex(IReadOnlyList<UidMapEntry> entries)
    {
        var byUid = new Dictionary<Uid, KnownMessage>();
        foreach (var entry in entries)
        {
            Put(entry.Key, entry.Uid);
            if (ContentKey().IsMatch(entry.Key))
                AddCopy(entry.Key, byUid[entry.Uid] = new KnownMessage(entry.Uid));
            if (UidlKey().Match(entry.Key) is not { Success: true } key)
                continue;
            var message = byUid[entry.Uid] = new KnownMessage(entry.Uid);
            if (key.Groups["size"] is { Success: true } size)
                message.Sizes.Add(long.Parse(size.ValueSpan, CultureInfo.InvariantCulture));
            var uidl = key.Groups["uidl"].Value;
            if (!_byUidl.TryGetValue(uidl, out var generations))
                _byUidl[uidl] = generations = [];
            generations.Add(message);
        }
        foreach (var generations in _byUidl.Values)
            generations.Sort((a, b) => a.Uid.CompareTo(b.Uid));
        foreach (var entry in entries)
        {
            var words = entry.Key.Split(':');
            if (
                words.Length < 2
                || !uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                || !byUid.TryGetValue(uid, out var message)
            )
                continue;
            if (
                words[0] == "size"
                && words.Length == 3
                && long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            )
                message.Sizes.Add(size);
            message.TimesGone += words[0] == "gone" ? 1 : 0;
            message.TimesBack += words[0] == "back" ? 1 : 0;
            message.Leaving |= words[0] == "leaving";
        }
    }

    /// <summary>The highest UID that a message was ever given; 0 for none.</summary>
    public Uid HighestOfMessages { get; private set; }

    public bool HasUniqueIds => _byUidl.Count > 0;

    /// <summary>The latest message of each unique id.</summary>
    public IEnumerable<KnownMessage> Latest => _byUidl.Values.Select(generations => generations[^1]);

    /// <summary>What had this unique id, the latest last.</summary>
    public IReadOnlyList<KnownMessage> Of(string uidl) => _byUidl.GetValueOrDefault(uidl) ?? [];

    /// <summary>Keys of what may be listed with this content. What we were about to delete comes last: of two copies, the one that is left
    /// must not be taken for the one that was stored and deleted.</summary>
    /// <param name="content">The part of a key before the number.</param>
    public IEnumerable<string> CopiesOf(string content) =>
        (_byContent.GetValueOrDefault(content) ?? []).OrderBy(copy => copy.Message.Leaving).Select(copy => copy.Key).ToList();

    /// <summary>The key of one more copy.</summary>
    public string NewCopy(string content)
    {
        for (var number = 1; ; number++)
        {
            if (!Has($"{content}#{number}"))
                return $"{content}#{number}";
        }
    }

    public bool Has(string key) => _uids.ContainsKey(key);

    public Uid? UidOf(string key) => _uids.TryGetValue(key, out var uid) ? uid : null;

    /// <summary>Gives the next UID to a key.</summary>
    public Uid Add(string key) => Put(key, _highest.Next);

    /// <summary>The key of the next message with this unique id and size. One that has both in common with an earlier message gets a
    /// number.</summary>
    public string NewKey(string uidl, long? size)
    {
        var key = size is { } listed ? $"uidl:{uidl} {listed}" : $"uidl:{uidl}";
        for (var generation = 2; ; generation++)
        {
            if (!Has(key))
                return key;
            key = $"uidl:{uidl}{(size is { } same ? $" {same}" : "")} #{generation}";
        }
    }

    private void AddCopy(string key, KnownMessage message)
    {
        var content = key[..key.LastIndexOf('#')];
        if (!_byContent.TryGetValue(content, out var copies))
            _byContent[content] = copies = [];
        copies.Add((key, message));
    }

    private Uid Put(string key, Uid uid)
    {
        _uids[key] = uid;
        _highest = Uid.Higher(_highest, uid);
        HighestOfMessages = UidMapMark.Is(key) ? HighestOfMessages : Uid.Higher(HighestOfMessages, uid);
        return uid;
    }

    // UID maps of versions before sizes were kept have the unique id alone.
    [GeneratedRegex(@"^uidl:(?<uidl>.*?)(?: (?<size>\d{1,18}))?(?: #\d+)?$", RegexOptions.Singleline)]
    private static partial Regex UidlKey();

    [GeneratedRegex(@"^(?:sha256|unread):.*#\d+$", RegexOptions.Singleline)]
    private static partial Regex ContentKey();
}
