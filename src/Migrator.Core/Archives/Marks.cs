using System.Collections;

namespace Migrator.Core.Archives;

/// <summary>A bit for each place of each object in an index: of ten million, a set of ids would take a gigabyte.</summary>
internal sealed class Marks
{
    private readonly BitArray _shared = new(0),
        _own = new(0);

    /// <returns>Whether it was not marked before.</returns>
    public bool Add(long row)
    {
        var (bits, place) = Place(row);
        if (place >= bits.Length)
            bits.Length = Math.Max(place + 1, bits.Length * 2);
        if (bits[place])
            return false;
        return bits[place] = true;
    }

    public bool Contains(long row)
    {
        var (bits, place) = Place(row);
        return place < bits.Length && bits[place];
    }

    // Rows of what is in no index blob are negative.
    private (BitArray Bits, int Place) Place(long row) => row < 0 ? (_own, checked((int)~row)) : (_shared, checked((int)row));
}
