using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>What a target can hold as the name of a folder.</summary>
internal static class TargetNames
{
    private const char Replacement = '_';

    /// <summary>The same path in names that the target can hold: a <c>_</c> for each letter that it cannot, and after a
    /// reserved name.</summary>
    public static FolderPath Legal(FolderPath path, TargetCapabilities traits)
    {
        IReadOnlyList<string> names =
        [
            .. (BesideInbox(path, traits) ? path.Names.Skip(1) : path.Names).Select(name => Legal(name, traits)),
        ];
        if (traits.Reserved.Contains(names[0]))
            names = [$"{names[0]}{Replacement}", .. names.Skip(1)];
        return new FolderPath(traits.Delimiter is null ? [string.Join(Replacement, names)] : names);
    }

    /// <summary>Where every folder is below INBOX anyway, one below INBOX in <paramref name="path"/> and one beside it are
    /// the same.</summary>
    public static bool BesideInbox(FolderPath path, TargetCapabilities traits) =>
        path.Names.Count > 1 && path.Names[0] == "INBOX" && traits.Prefix.SequenceEqual(["INBOX"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the first is the second, but for replaced letters, and one that was added to a reserved name.</summary>
    public static bool IsMadeOf(FolderPath path, FolderPath wanted) =>
        path.Names.Count == wanted.Names.Count
        && path.Names.Zip([
                path.Names[0].Length > wanted.Names[0].Length ? $"{wanted.Names[0]}{Replacement}" : wanted.Names[0],
                .. wanted.Names.Skip(1),
            ])
            .All(pair =>
                pair.First.Length == pair.Second.Length
                && pair.First.Zip(pair.Second).All(letters => letters.First == letters.Second || letters.First == Replacement)
            );

    private static string Legal(string name, TargetCapabilities traits)
    {
        var legal = new StringBuilder(name.Length);
        foreach (var letter in name)
            legal.Append(
                letter == traits.Delimiter || traits.Refused.Contains(letter) || char.IsControl(letter) || letter is '\u2028' or '\u2029'
                    ? Replacement
                    : letter
            );
        return legal.ToString();
    }
}
