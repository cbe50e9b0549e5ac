using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>A pattern over the text form of folder paths: <c>*</c> any letters within one name, <c>**</c> any letters
/// across names, <c>?</c> one letter; <c>**/</c> also stands for no name at all, so that <c>**/Trash</c> is every Trash,
/// the topmost included. A pattern matches whole paths: <c>Trash</c> is that folder and none below it, <c>Trash/**</c>
/// all below it. Case counts, except in INBOX.</summary>
public sealed class FolderGlob
{
    // A "/" or "\" that is part of a name has a "\" before it in a path: the two are one letter, and no end of the name.
    private const string NameLetter = @"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[^/\\]|\\.)";
    private const string Anything = @"(?:[^\\]|\\.)*";

    private readonly Regex _regex;

    /// <param name="captures">Keep what wildcards match, for <see cref="Replace"/>.</param>
    public FolderGlob(string pattern, bool captures = false)
    {
        Pattern = pattern;
        var rest =
            pattern.Equals("INBOX", StringComparison.OrdinalIgnoreCase) || pattern.StartsWith("INBOX/", StringComparison.OrdinalIgnoreCase)
                ? string.Concat("INBOX", pattern.AsSpan(5))
                : pattern;
        var regex = new StringBuilder("^");
        for (var i = 0; i < rest.Length; i++)
        {
            var startsName = i == 0 || (rest[i - 1] == '/' && (i == 1 || rest[i - 2] != '\\'));
            switch (rest.AsSpan(i))
            {
                case ['*', '*', '/', ..] when startsName:
                    regex.Append("(?:(").Append(Anything).Append(")/)?");
                    Wildcards++;
                    i += 2;
                    break;
                case ['*', '*', ..]:
                    regex.Append('(').Append(Anything).Append(')');
                    Wildcards++;
                    i++;
                    break;
                case ['*', ..]:
                    regex.Append('(').Append(NameLetter).Append("*)");
                    Wildcards++;
                    break;
                case ['?', ..]:
                    regex.Append('(').Append(NameLetter).Append(')');
                    Wildcards++;
                    break;
                default:
                    regex.Append(Regex.Escape(rest[i].ToString()));
                    break;
            }
        }
        // Backtracking would take a pattern with many stars years over a long name.
        _regex = new Regex(
            regex.Append("\\z").ToString(),
            RegexOptions.Singleline
                | RegexOptions.CultureInvariant
                | RegexOptions.NonBacktracking
                | (captures ? RegexOptions.None : RegexOptions.ExplicitCapture)
        );
    }

    public string Pattern { get; }

    public int Wildcards { get; }

    public bool Matches(FolderPath path) => _regex.IsMatch(path.ToString());

    /// <param name="path">One that matches.</param>
    /// <param name="replacement"><c>$1</c> or <c>${1}</c> is what the first wildcard matched, <c>$$</c> a dollar sign.</param>
    /// <returns>In the text form of paths; names in it may be empty.</returns>
    public string Replace(FolderPath path, string replacement) => _regex.Match(path.ToString()).Result(replacement);
}
