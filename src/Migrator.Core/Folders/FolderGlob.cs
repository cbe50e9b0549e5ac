using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>A pattern over the text form of folder paths: <c>*</c> any letters within one name, <c>**</c> any letters
/// across names, <c>?</c> one letter. A pattern matches whole paths: <c>Trash</c> is that folder and none below it,
/// <c>Trash/**</c> all below it. Case counts, except in INBOX.</summary>
public sealed class FolderGlob
{
    private readonly Regex _regex;

    public FolderGlob(string pattern)
    {
        Pattern = pattern;
        var regex = new StringBuilder("^");
        var normal = pattern.Equals("INBOX", StringComparison.OrdinalIgnoreCase) ? "INBOX"
            : pattern.StartsWith("INBOX/", StringComparison.OrdinalIgnoreCase) ? "INBOX" + pattern[5..] : pattern;
        for (var i = 0; i < normal.Length; i++)
        {
            if (normal[i] == '*' && i + 1 < normal.Length && normal[i + 1] == '*')
            {
                regex.Append(".*");
                i++;
            }
            else
            {
                // A "/" that is part of a name is written "\/" in a path: it does not end the name.
                regex.Append(normal[i] switch { '*' => @"(?:[^/\\]|\\.)*", '?' => @"(?:[^/\\]|\\.)", var letter => Regex.Escape(letter.ToString()) });
            }
        }
        _regex = new Regex(regex.Append("\\z").ToString(), RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
    }

    public string Pattern { get; }

    public bool Matches(FolderPath path) => _regex.IsMatch(path.ToString());
}
