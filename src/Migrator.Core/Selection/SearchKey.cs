namespace Migrator.Core.Selection;

/// <summary>A search key as a person writes it: it becomes a part of a command, and must not become another command.</summary>
public static class SearchKey
{
    private const int Most = 1000;

    /// <returns>What is wrong with it, as the end of a sentence; null where it can be sent.</returns>
    public static string? Fault(string key)
    {
        if (key.Length > Most)
            return $"has {key.Length:N0} characters; at most {Most:N0} are allowed.";
        if (key.Any(letter => letter is < ' ' or > '~'))
            return "must consist of printable ASCII characters: servers disagree about others in searches.";
        var (depth, quoted) = (0, false);
        for (var at = 0; at < key.Length; at++)
        {
            if (quoted && key[at] == '\\')
                at++;
            else if (key[at] == '"')
                quoted = !quoted;
            else if (!quoted && key[at] is '{' or '}')
                return "must not contain a literal; write text in quotes.";
            else if (!quoted && key[at] == '(')
                depth++;
            else if (!quoted && key[at] == ')' && --depth < 0)
                return "closes a parenthesis that it does not open.";
        }
        return quoted ? "opens a quotation mark that it does not close."
            : depth > 0 ? "opens a parenthesis that it does not close."
            : string.IsNullOrWhiteSpace(key) ? "is empty."
            : key.TrimStart().Split(' ')[0].ToUpperInvariant() is "CHARSET" or "RETURN"
                ? "must be a search key (RFC 9051, section 6.4.4), without CHARSET and RETURN."
            : null;
    }
}
