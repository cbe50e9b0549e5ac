using System.Collections.Frozen;

namespace Migrator.Core.Archives.Headers;

/// <summary>The header fields that are kept to search in. The numbers are those of docs/archive-format.md.</summary>
public enum HeaderField : byte
{
    From = 1,
    Sender = 2,
    To = 3,
    Cc = 4,
    Bcc = 5,
    ReplyTo = 6,
    Subject = 7,
    Date = 8,
    MessageId = 9,
    InReplyTo = 10,
    References = 11,
}

/// <summary>What header fields are called in a message.</summary>
public static class HeaderFieldNames
{
    private static readonly FrozenDictionary<string, HeaderField> s_fields = Enum.GetValues<HeaderField>()
        .ToFrozenDictionary(NameOf, StringComparer.OrdinalIgnoreCase);
    private static readonly FrozenDictionary<string, HeaderField>.AlternateLookup<ReadOnlySpan<char>> s_lookup =
        s_fields.GetAlternateLookup<ReadOnlySpan<char>>();

    public static string NameOf(HeaderField field) =>
        field switch
        {
            HeaderField.ReplyTo => "Reply-To",
            HeaderField.MessageId => "Message-ID",
            HeaderField.InReplyTo => "In-Reply-To",
            _ => field.ToString(),
        };

    /// <returns>Null for a field that is not kept.</returns>
    internal static HeaderField? Of(ReadOnlySpan<byte> name)
    {
        Span<char> letters = stackalloc char[16];
        if (name.Length == 0 || name.Length > letters.Length)
            return null;
        for (var at = 0; at < name.Length; at++)
            letters[at] = (char)name[at];
        return s_lookup.TryGetValue(letters[..name.Length], out var field) ? field : null;
    }
}
