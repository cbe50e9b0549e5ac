using System.Collections.Concurrent;

namespace Migrator.Core.Mail;

/// <summary>Names of header fields, each once: messages by the thousand have the same. Bounded, as a server may send any number.</summary>
public sealed class HeaderNames
{
    private const int Most = 1000;

    private static readonly HeaderName s_other = new("others", false);
    private static readonly HeaderName s_otherOdd = new("others", true);

    private readonly ConcurrentDictionary<(string Text, bool IsOdd), HeaderName> _names = new(
        HeaderName.Known.Select(name => KeyValuePair.Create((name.ToLowerInvariant(), false), new HeaderName(name, false)))
    );

    public HeaderName Of(string name, bool isOdd)
    {
        var key = (name.ToLowerInvariant(), isOdd);
        if (_names.TryGetValue(key, out var known))
            return known;
        // What decides is decided by the name, even of the last of many.
        var added = new HeaderName(name, isOdd);
        return _names.Count < Most ? _names.GetOrAdd(key, added)
            : isOdd ? s_otherOdd
            : added.IsSaid ? added
            : s_other;
    }
}
