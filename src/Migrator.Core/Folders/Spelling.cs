namespace Migrator.Core.Folders;

/// <summary>Finds what somebody meant who misspelt it.</summary>
public static class Spelling
{
    // What is longer is not a slip of the finger, and comparing it takes long.
    private const int Longest = 200;

    /// <returns>Null where nothing is close.</returns>
    public static string? Closest(string word, IEnumerable<string> known) =>
        word.Length > Longest
            ? null
            : known
                .Where(other => other.Length <= Longest)
                .Select(other => (Word: other, Distance: Distance(word, other)))
                .Where(other => other.Distance <= Math.Max(2, word.Length / 3))
                .OrderBy(other => other.Distance)
                .Select(other => other.Word)
                .FirstOrDefault();

    /// <summary>Levenshtein's distance, ignoring case.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }
        return row[^1];
    }
}
