using System.Text;
using Migrator.Core.Mail;
using Migrator.Mail.Imap;

namespace Migrator.Mail.Files;

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

    public static string Unescape(string name) => ModifiedUtf7.Decode(FileNames.Unescape(name));

    /// <param name="unique">Without colon.</param>
    /// <param name="keywords">Those of the folder, in the order of their letters; up to 26 count.</param>
    public static string File(string unique, FlagSet flags, IReadOnlyList<string> keywords)
    {
        var letters = Letters.Where((letter, i) => letter != 'P' && flags.Contains(s_flags[i]))
            .Concat(flags.Keywords.Select(keyword => IndexOf(keywords, keyword)).Where(index => index is >= 0 and < 26).Order().Select(index => (char)('a' + index)));
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
        return info < 0 ? FlagSet.None : new FlagSet(file[(info + 3)..].Select(letter =>
            Letters.IndexOf(letter) is >= 0 and var known ? s_flags[known]
            : letter is >= 'a' and <= 'z' && letter - 'a' < keywords.Count ? keywords[letter - 'a']
            : ""));
    }

    // ":" is impossible on Windows: there this program writes ";", others "!".
    private static int InfoAt(string file) => file.AsSpan().LastIndexOf("2,") is > 0 and var at && file[at - 1] is ':' or ';' or '!' ? at - 1 : -1;

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
            if (encoded[i] is '.' or '/' or '%' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' || (encoded[i] == ' ' && i == encoded.Length - 1) || (encoded[i] == '~' && i == 0))
                FileNames.Percent(escaped, encoded.AsSpan(i, 1));
            else
                escaped.Append(encoded[i]);
        }
        return escaped.ToString();
    }
}
