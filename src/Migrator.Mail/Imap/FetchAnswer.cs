using System.Globalization;
using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>What a server said about one message in a FETCH response, nonsense included.</summary>
/// <param name="Flags">Null where it did not say.</param>
/// <param name="OddFlags">Flags that no client could set, such as <c>"a b"</c>, as they were said; null for none.</param>
/// <param name="Date">The words for INTERNALDATE; <c>NIL</c> for that, null where it did not say.</param>
/// <param name="Size">Null where it did not say, or said what is not a size.</param>
/// <param name="Sized">It said RFC822.SIZE, whatever that was.</param>
internal sealed record FetchAnswer(Uid Uid, FlagSet? Flags, string? OddFlags, string? Date, long? Size, bool Sized)
{
    /// <summary>As the server writes them (X-GM-LABELS); null where it did not say.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>The same in every folder that shows the message (X-GM-MSGID); 0 where the server did not say.</summary>
    public ulong MessageId { get; init; }

    /// <param name="response">The whole response in one line, literals as quoted strings.</param>
    /// <returns>Null where it names no message by UID.</returns>
    public static FetchAnswer? Read(string response)
    {
        var (answer, position) = (new FetchAnswer(0, null, null, null, null, false), response.IndexOf('('));
        if (position < 0)
            return null;
        position++;
        while (Next(response, ref position) is { } name)
        {
            if (Next(response, ref position) is not { } value)
                break;
            answer = name.ToUpperInvariant() switch
            {
                "UID" => answer with { Uid = uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : 0 },
                "FLAGS" => answer.WithFlags(value),
                "INTERNALDATE" => answer with { Date = Unquoted(value) },
                "RFC822.SIZE" => answer with
                {
                    Size = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null,
                    Sized = true,
                },
                "X-GM-LABELS" => answer with { Labels = Words(value) },
                "X-GM-MSGID" => answer with
                {
                    MessageId = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0,
                },
                _ => answer,
            };
        }
        return answer.Uid.IsKnown ? answer : null;
    }

    /// <summary>Both speak of the same message; what this one says counts.</summary>
    public FetchAnswer Or(FetchAnswer other) =>
        this with
        {
            Flags = Flags ?? other.Flags,
            OddFlags = OddFlags ?? other.OddFlags,
            Date = Date ?? other.Date,
            Size = Size ?? other.Size,
            Sized = Sized || other.Sized,
            Labels = Labels ?? other.Labels,
            MessageId = MessageId > 0 ? MessageId : other.MessageId,
        };

    private FetchAnswer WithFlags(string list)
    {
        // No flags is an empty list; NIL says nothing of them.
        if (list.Equals("NIL", StringComparison.OrdinalIgnoreCase))
            return this with { OddFlags = list };
        var (flags, odd, position) = (new List<string>(), new List<string>(), 0);
        var inner = list.StartsWith('(') ? list[1..].TrimEnd(')') : list;
        while (Next(inner, ref position) is { } word)
        {
            var flag = Unquoted(word);
            if (IsFlag(flag))
                flags.Add(flag);
            else
                odd.Add(word);
        }
        return this with { Flags = new FlagSet(flags), OddFlags = odd.Count > 0 ? string.Join(' ', odd) : null };
    }

    /// <returns>Null for what is no list; NIL is an empty one.</returns>
    private static IReadOnlyList<string>? Words(string list)
    {
        if (!list.StartsWith('('))
            return list.Equals("NIL", StringComparison.OrdinalIgnoreCase) ? [] : null;
        var (words, position) = (new List<string>(), 0);
        while (Next(list[1..^1], ref position) is { } word)
            words.Add(Unquoted(word));
        return words;
    }

    /// <summary>Whether it can be sent to a server as a flag: an atom (RFC 9051, section 9).</summary>
    private static bool IsFlag(string text) =>
        text.TrimStart('\\') is { Length: > 0 } name
        && text.Length - name.Length <= 1
        && name.All(c => c is > ' ' and < '\x7f' && !"(){%*\"\\]".Contains(c));

    /// <summary>The next word: an atom, a quoted string with its quotes, or a list with its parentheses. The end of the response ends it
    /// too.</summary>
    private static string? Next(string text, ref int position)
    {
        while (position < text.Length && text[position] == ' ')
            position++;
        if (position >= text.Length || text[position] == ')')
            return null;
        var (start, depth, quoted) = (position, 0, false);
        for (; position < text.Length; position++)
        {
            var c = text[position];
            if (quoted && c == '\\')
                position++;
            else if (c == '"')
                quoted = !quoted;
            else if (!quoted && c == '(')
                depth++;
            else if (!quoted && depth == 0 && (c is ')' or ' '))
                break;
            else if (!quoted && c == ')' && --depth == 0)
            {
                position++;
                break;
            }
        }
        position = Math.Min(position, text.Length);
        return text[start..position];
    }

    private static string Unquoted(string word)
    {
        if (!word.StartsWith('"'))
            return word;
        var text = new StringBuilder();
        for (var i = 1; i < word.Length && word[i] != '"'; i++)
            text.Append(word[i] == '\\' && i + 1 < word.Length ? word[++i] : word[i]);
        return text.ToString();
    }
}
