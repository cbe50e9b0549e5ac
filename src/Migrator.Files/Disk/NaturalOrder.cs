namespace Migrator.Files.Disk;

/// <summary>File names as a person sorts them: 9 before 10.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static readonly NaturalOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (x ?? "", y ?? "");
        var (i, j) = (0, 0);
        while (i < a.Length && j < b.Length)
        {
            var difference = char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j]) ? Numbers(a, ref i, b, ref j) : a[i++].CompareTo(b[j++]);
            if (difference != 0)
                return difference;
        }
        var rest = (a.Length - i).CompareTo(b.Length - j);
        return rest != 0 ? rest : string.CompareOrdinal(a, b);
    }

    private static int Numbers(string a, ref int i, string b, ref int j)
    {
        var first = Number(a, ref i);
        var second = Number(b, ref j);
        return first.Length != second.Length ? first.Length.CompareTo(second.Length) : first.SequenceCompareTo(second);
    }

    // Without leading zeros; of any length.
    private static ReadOnlySpan<char> Number(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return text.AsSpan(start, at - start).TrimStart('0');
    }
}
