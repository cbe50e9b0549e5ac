using System.Collections;

namespace Migrator.Core.Archives;

/// <summary>A bit for each place of each object in an index: of ten million, a set of ids would take a gigabyte.</summary>
internal sealed class Marks
{
    // Bits in a block. In one array for all, a mark on the last of ten million rows would take a megabyte, and two while the array grew.
    private const int BlockLength = 1 << 13;

    private readonly List<BitArray?> _shared = [],
        _own = [];

    /// <returns>Whether it was not marked before.</returns>
    public bool Add(long row)
    {
        var (blocks, number, place) = Place(row);
        while (blocks.Count <= number)
            blocks.Add(null);
        var block = blocks[number] ??= new BitArray(BlockLength);
        if (block[place])
            return false;
        return block[place] = true;
    }

    public bool Contains(long row)
    {
        var (blocks, number, place) = Place(row);
        return number < blocks.Count && blocks[number] is { } block && block[place];
    }

    // Rows of what is in no index blob are negative.
    private (List<BitArray?> Blocks, int Number, int Place) Place(long row)
    {
        var (number, place) = Math.DivRem(row < 0 ? ~row : row, BlockLength);
        return (row < 0 ? _own : _shared, checked((int)number), (int)place);
    }
}
