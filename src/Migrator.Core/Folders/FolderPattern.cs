using System.Globalization;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>A rule of <c>renamePatterns</c>: gives the folders that a pattern matches another path, in which <c>$1</c> is what its first
/// wildcard matched. Folders below go along.</summary>
public sealed partial class FolderPattern
{
    private readonly FolderGlob _glob;

    /// <exception cref="FormatException">One of them is not what it should be.</exception>
    public FolderPattern(string from, string to)
    {
        FolderPath.Parse(from);
        FolderPath.Parse(to);
        (From, To, _glob) = (from, to, new FolderGlob(from, captures: true));
        if (_glob.Wildcards == 0)
            throw new FormatException($"'{from}' has no wildcard; put it into \"rename\", or use \"*\", \"**\" or \"?\" in it.");
        foreach (var match in Reference().Matches(to).Where(match => match.Value != "$$"))
        {
            var number = match.Groups[1].Success ? match.Groups[1] : match.Groups[2];
            if (!number.Success)
                throw new FormatException($"'{to}' has a \"$\" without a number; write \"$$\" for a dollar sign.");
            if (int.Parse(number.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) is var wildcard && !IsKnown(wildcard))
                throw new FormatException(
                    $"'{to}' refers to wildcard {wildcard}, and '{from}' has {_glob.Wildcards}; number them from left to right, from $1."
                );
        }
    }

    public string From { get; }

    public string To { get; }

    /// <returns>The folder, or the nearest one above it, that the pattern matches; null where it matches none.</returns>
    public FolderPath? Match(FolderPath folder)
    {
        for (var path = folder; path is not null; path = path.Parent)
        {
            if (_glob.Matches(path))
                return path;
        }
        return null;
    }

    /// <summary>What a wildcard that matched nothing leaves empty is no level.</summary>
    /// <param name="matched">From <see cref="Match"/>.</param>
    /// <returns>Null where nothing is left.</returns>
    public FolderPath? Rename(FolderPath matched)
    {
        var names = Name().Matches(_glob.Replace(matched, To)).Select(name => name.Value).ToList();
        return names.Count == 0 ? null : FolderPath.Parse(string.Join('/', names));
    }

    private bool IsKnown(int wildcard) => wildcard >= 1 && wildcard <= _glob.Wildcards;

    [GeneratedRegex(@"\$(?:\$|([0-9]{1,3})|\{([0-9]{1,3})\})?")]
    private static partial Regex Reference();

    [GeneratedRegex(@"(?:[^/\\]|\\[/\\]|\\)+")]
    private static partial Regex Name();
}
