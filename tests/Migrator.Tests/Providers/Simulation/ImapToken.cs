using System.Text;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>An argument: a word, or a list of them.</summary>
/// <param name="Text">Without quotes; of a literal, its bytes as Latin-1.</param>
/// <param name="List">Null for a word.</param>
internal sealed record ImapToken(string Text, IReadOnlyList<ImapToken>? List)
{
    public IEnumerable<string> Words => (List ?? [this]).Select(word => word.Text);

    public static List<ImapToken> Read(ImapUnit unit)
    {
        // A literal becomes one character that no line holds.
        var (text, literals, position) = (string.Join('\0', unit.Texts), new Queue<byte[]>(unit.Literals), 0);
        return ReadList(text, literals, ref position);
    }

    /// <summary>As an atom where it can be one.</summary>
    public static string Quote(string text) =>
        text.Length > 0 && text.All(c => c is > ' ' and < '\x7f' && !"(){%*\"\\]".Contains(c, StringComparison.Ordinal))
            ? text
            : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static List<ImapToken> ReadList(string text, Queue<byte[]> literals, ref int position)
    {
        var tokens = new List<ImapToken>();
        while (position < text.Length)
        {
            switch (text[position])
            {
                case ' ':
                    position++;
                    break;
                case ')':
                    position++;
                    return tokens;
                case '(':
                    position++;
                    tokens.Add(new ImapToken("", ReadList(text, literals, ref position)));
                    break;
                case '\0':
                    position++;
                    tokens.Add(new ImapToken(Encoding.Latin1.GetString(literals.Dequeue()), null));
                    break;
                case '"':
                    tokens.Add(new ImapToken(Quoted(text, ref position), null));
                    break;
                default:
                    var start = position;
                    while (position < text.Length && !" ()\0".Contains(text[position], StringComparison.Ordinal))
                        position++;
                    tokens.Add(new ImapToken(text[start..position], null));
                    break;
            }
        }
        return tokens;
    }

    private static string Quoted(string text, ref int position)
    {
        var word = new StringBuilder();
        for (position++; position < text.Length && text[position] != '"'; position++)
        {
            if (text[position] == '\\' && position + 1 < text.Length)
                position++;
            word.Append(text[position]);
        }
        position++;
        return word.ToString();
    }
}
