namespace Migrator.Core.Archives;

/// <summary>Reads a page from its beginning to its end.</summary>
internal ref struct PageBytes(ReadOnlySpan<byte> bytes)
{
    // Of 7 bits each.
    private const int MostDigits = 10;

    private ReadOnlySpan<byte> _left = bytes;

    public readonly bool AtEnd => _left.IsEmpty;

    /// <summary>A number as BinaryWriter.Write7BitEncodedInt64 writes it.</summary>
    /// <exception cref="FormatException">It has too many digits.</exception>
    public long Number()
    {
        var number = 0UL;
        for (var digit = 0; digit < MostDigits; digit++)
        {
            var next = Take(1)[0];
            number |= (ulong)(next & 0x7f) << (7 * digit);
            if (next < 0x80)
                return (long)number;
        }
        throw new FormatException("A number is too long.");
    }

    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public ReadOnlySpan<byte> Take(int count)
    {
        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }

    /// <inheritdoc cref="Take"/>
    public void Skip(long count) => _left = _left[checked((int)count)..];
}
