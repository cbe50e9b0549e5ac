using System.Globalization;
using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Files.Names;

/// <summary>Names in a Maildir++: of folders (<c>.Name.Sub</c>, modified UTF-7) and of messages (<c>UNIQUE:2,FLAGS</c>).</summary>
/// <remarks>The layout has no way to write a dot that is part of a name. It is written <c>%2e</c> here, as Dovecot does where its
/// <c>mailbox_list_storage_escape_char</c> is <c>%</c>; likewise <c>%</c> and what Windows cannot hold.</remarks>
internal static class MaildirNames
{
    private const string Letters = "DFPRST";

    private static readonly string[] s_flags = ["\\Draft", "\\Flagged", "$Forwarded", "\\Answered", "\\Seen", "\\Deleted"];

    public static string Directory(FolderPath path) =>
        "." + FileNames.Shorten(string.Join('.', path.Names.Select(Escape)), path.ToString());

    /// <param name="name">Without the dot in front.</param>
    /// <returns>Null where a level has no name.</returns>
    public static FolderPath? Path(string name)
    {
        var names = name.Split('.').Select(Unescape).ToList();
        return names.Contains("") ? null : new FolderPath(names);
    }

    /// <summary>A name that is not modified UTF-7 stays as it is: other programs write <c>R&amp;D</c> to disk as a person types
    /// it.</summary>
    public static string Unescape(string name)
    {
        var coded = FileNames.Unescape(name);
        var decoded = ModifiedUtf7.Decode(coded);
        return ModifiedUtf7.Encode(decoded) == coded && !decoded.Contains('\0') ? decoded : coded;
    }

    /// <param name="unique">Without colon.</param>
    /// <param name="keywords">Those of the folder, in the order of their letters; up to 26 count.</param>
    public static string File(string unique, FlagSet flags, IReadOnlyList<string> keywords)
    {
        var letters = Letters
            .Where((letter, i) => letter != 'P' && flags.Contains(s_flags[i]))
            .Concat(
                flags
                    .Keywords.Select(keyword => IndexOf(keywords, keyword))
                    .Where(index => index is >= 0 and < 26)
                    .Order()
                    .Select(index => (char)('a' + index))
            );
        return $"{unique}{(OperatingSystem.IsWindows() ? ';' : ':')}2,{string.Concat(letters)}";
    }

    /// <returns>What stays the same when flags change.</returns>
    public static string Unique(string file)
    {
        var info = InfoAt(file);
        return info < 0 ? file : file[..info];
    }

    public static FlagSet Flags(string file, IReadOnlyList<string> keywords)
    {
        var info = InfoAt(file);
        return info < 0
            ? FlagSet.None
            : new FlagSet(
                file[(info + 3)..]
                    .Select(letter =>
                        Letters.IndexOf(letter) is >= 0 and var known ? s_flags[known]
                        : letter is >= 'a' and <= 'z' && letter - 'a' < keywords.Count ? keywords[letter - 'a']
                        : ""
                    )
            );
    }

    public static bool HasFlags(string file) => InfoAt(file) >= 0;

    /// <summary>Whether it has a keyword whose letter means nothing in this folder.</summary>
    public static bool HasNamelessKeyword(string file, IReadOnlyList<string> keywords) =>
        InfoAt(file) is >= 0 and var info
        && file.AsSpan(info + 3).IndexOfAnyInRange('a', 'z') >= 0
        && file[(info + 3)..]
            .Any(letter => letter is >= 'a' and <= 'z' && (letter - 'a' >= keywords.Count || keywords[letter - 'a'].Length == 0));

    /// <summary>When it was delivered, by the seconds with which its name begins; null where it does not.</summary>
    public static DateTimeOffset? Delivered(string file)
    {
        var digits = file.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return digits is 9 or 10 && file[digits] is '.' or '_'
            ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(file.AsSpan(0, digits), CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>The size of the message that its name says (S=); null where it does not.</summary>
    public static long? Size(string file)
    {
        var unique = Unique(file);
        var at = unique.IndexOf(",S=", StringComparison.Ordinal);
        if (at < 0)
            return null;
        var digits = unique.AsSpan(at + 3);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return long.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;
    }

    // ":" is impossible on Windows: there this program writes ";", others "!".
    private static int InfoAt(string file) =>
        file.AsSpan().LastIndexOf("2,") is > 0 and var at && file[at - 1] is ':' or ';' or '!' ? at - 1 : -1;

    private static int IndexOf(IReadOnlyList<string> keywords, string keyword)
    {
        for (var i = 0; i < keywords.Count; i++)
        {
            if (keywords[i].Equals(keyword, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return -1;
    }

    private static string Escape(string name)
    {
        var (encoded, escaped) = (ModifiedUtf7.Encode(name), new StringBuilder());
        for (var i = 0; i < encoded.Length; i++)
        {
            if (
                encoded[i] is '.' or '/' or '%' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|'
                || (encoded[i] == ' ' && i == encoded.Length - 1)
                || (encoded[i] == '~' && i == 0)
            )
                FileNames.Percent(escaped, encoded.AsSpan(i, 1));
            else
                escaped.Append(encoded[i]);
        }
        return escaped.ToString();
    }
}
