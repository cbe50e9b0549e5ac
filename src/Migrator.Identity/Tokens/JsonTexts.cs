using System.Text.Json;

namespace Migrator.Identity.Tokens;

/// <summary>JSON may hold half a surrogate pair as an escape (RFC 8259, section 8.2): the parser accepts it, and fails once the text is
/// read.</summary>
internal static class JsonTexts
{
    /// <returns>Whether all names and texts in it can be read.</returns>
    public static bool AreReadable(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().All(property => IsReadable(() => property.Name) && AreReadable(property.Value)),
            JsonValueKind.Array => json.EnumerateArray().All(AreReadable),
            JsonValueKind.String => IsReadable(json.GetString),
            _ => true,
        };

    private static bool IsReadable(Func<string?> read)
    {
        try
        {
            read();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
