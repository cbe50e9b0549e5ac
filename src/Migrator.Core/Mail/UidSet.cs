using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Migrator.Core.Mail;

/// <summary>UIDs in ascending order, each once, in ranges: a folder of a million messages is a few of them. A list of them, or a hash set,
/// would take 4 to 40 MB for each look at such a folder.</summary>
[CollectionBuilder(typeof(UidSet), nameof(Create))]
[JsonConverter(typeof(UidSetJsonConverter))]
public sealed class UidSet : IReadOnlyList<Uid>
{
    private readonly List<UidRange> _ranges;

    // How many UIDs are in the ranges before each.
    private readonly long[] _before;
    private readonly long _count;

    private UidSet(List<UidRange> ranges)
    {
        (_ranges, _before) = (ranges, new long[ranges.Count]);
        for (var place = 0; place < ranges.Count; place++)
        {
            _before[place] = _count;
            _count += ranges[place].Count;
        }
    }

    public static UidSet Empty { get; } = new([]);

    /// <exception cref="OverflowException">More than any folder holds: only what a server claims without having it.</exception>
    public int Count => checked((int)_count);

    /// <summary>Ascending, none next to another.</summary>
    public IReadOnlyList<UidRange> Ranges => _ranges;

    public Uid this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var place = Array.BinarySearch(_before, index);
            var range = place >= 0 ? place : ~place - 1;
            return new Uid(_ranges[range].First.Value + (uint)(index - _before[range]));
        }
    }

    public static UidSet Create(ReadOnlySpan<Uid> uids) => Of(uids.ToArray());

    /// <param name="uids">In any order, and several times.</param>
    public static UidSet Of(IEnumerable<Uid> uids)
    {
        if (uids is UidSet set)
            return set;
        var ranges = new List<UidRange>();
        foreach (var uid in uids)
        {
            if (ranges.Count > 0 && uid <= ranges[^1].Last)
                return Of(uids.Order().Distinct());
            Add(ranges, new UidRange(uid, uid));
        }
        return new UidSet(ranges);
    }

    /// <param name="ranges">In any order; they may overlap.</param>
    public static UidSet Of(IEnumerable<UidRange> ranges)
    {
        var joined = new List<UidRange>();
        foreach (var range in ranges.OrderBy(range => range.First))
            Add(joined, range);
        return new UidSet(joined);
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">It is something else, or more UIDs than any folder holds.</exception>
    public static UidSet Parse(string text)
    {
        var set = Of(text.Length == 0 ? [] : text.Split(',').Select(Range));
        return set._count <= int.MaxValue ? set : throw new FormatException("These are more UIDs than any folder holds.");

        static UidRange Range(string range)
        {
            var colon = range.IndexOf(':');
            var (first, last) = (Number(colon < 0 ? range : range[..colon]), Number(range[(colon + 1)..]));
            return first <= last ? new UidRange(first, last) : throw new FormatException($"'{range}' is not a range of UIDs.");
        }

        static Uid Number(string number) =>
            uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var uid) && uid > 0
                ? uid
                : throw new FormatException($"'{number}' is not a UID.");
    }

    public bool Contains(Uid uid) => RangeFrom(uid) is var place && place < _ranges.Count && _ranges[place].First <= uid;

    /// <returns>How many are lower; -1 where it is not among them.</returns>
    public int IndexOf(Uid uid) =>
        Contains(uid) && RangeFrom(uid) is var place ? checked((int)(_before[place] + uid.Value - _ranges[place].First.Value)) : -1;

    /// <returns>How many are this one or lower.</returns>
    public int CountTo(Uid last)
    {
        var place = RangeFrom(last);
        return place == _ranges.Count
            ? Count
            : checked((int)(_before[place] + (_ranges[place].First <= last ? last.Value - _ranges[place].First.Value + 1L : 0)));
    }

    /// <summary>Those of this one that are not in the other.</summary>
    public UidSet Except(UidSet other)
    {
        var left = new List<UidRange>();
        var next = 0;
        foreach (var range in _ranges)
        {
            while (next < other._ranges.Count && other._ranges[next].Last < range.First)
                next++;
            // Wider than a UID: one more than the highest that there can be is not 0.
            ulong first = range.First.Value;
            for (var at = next; at < other._ranges.Count && other._ranges[at].First <= range.Last; at++)
            {
                var taken = other._ranges[at];
                if (taken.First.Value > first)
                    left.Add(new UidRange((uint)first, taken.First.Value - 1));
                first = Math.Max(first, taken.Last.Value + 1UL);
            }
            if (first <= range.Last.Value)
                left.Add(new UidRange((uint)first, range.Last));
        }
        return new UidSet(left);
    }

    public UidSet Intersect(UidSet other) => Except(Except(other));

    public UidSet Union(UidSet other) =>
        _count == 0 ? other
        : other._count == 0 ? this
        : Of(_ranges.Concat(other._ranges));

    /// <summary>Those that are this one or higher.</summary>
    public UidSet From(Uid first)
    {
        var place = RangeFrom(first);
        return place == 0 && (_ranges.Count == 0 || _ranges[0].First >= first)
            ? this
            : new UidSet([.. _ranges.Skip(place).Select(range => range with { First = Uid.Higher(range.First, first) })]);
    }

    public IEnumerable<Uid> Descending()
    {
        for (var place = _ranges.Count - 1; place >= 0; place--)
        {
            for (var uid = _ranges[place].Last.Value; uid >= _ranges[place].First.Value && uid > 0; uid--)
                yield return new Uid(uid);
        }
    }

    public IEnumerator<Uid> GetEnumerator()
    {
        foreach (var range in _ranges)
        {
            for (ulong uid = range.First.Value; uid <= range.Last.Value; uid++)
                yield return new Uid((uint)uid);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>As IMAP writes it (RFC 9051, section 9, sequence-set).</summary>
    public override string ToString() => string.Join(',', _ranges);

    /// <returns>The first range that does not end before a UID; their number where there is none.</returns>
    private int RangeFrom(Uid uid)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].Last < uid)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private static void Add(List<UidRange> ranges, UidRange range)
    {
        if (ranges.Count > 0 && (range.First <= ranges[^1].Last || range.First == ranges[^1].Last.Next))
            ranges[^1] = ranges[^1] with { Last = Uid.Higher(ranges[^1].Last, range.Last) };
        else
            ranges.Add(range);
    }
}
