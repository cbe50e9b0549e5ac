using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Search;

/// <summary>What people name messages by: the beginnings of their content ids.</summary>
public static class MessageIds
{
    /// <summary>Digits that an id has, unless more are needed.</summary>
    public const int Length = 16;

    /// <summary>Digits that somebody must type at least.</summary>
    public const int Shortest = 8;

    /// <summary>Whether this may be the beginning of a content id.</summary>
    public static bool IsId(string text) => text.Length is >= Shortest and <= 2 * ContentId.Length && text.All(char.IsAsciiHexDigit);

    /// <summary>Ids that are different for different messages.</summary>
    public static IReadOnlyDictionary<ContentId, string> Of(IEnumerable<ContentId> contents)
    {
        var ids = new Dictionary<ContentId, string>();
        foreach (var alike in contents.Distinct().GroupBy(content => content.ToString()[..Length], StringComparer.Ordinal))
        {
            List<ContentId> members = [.. alike];
            var length = Enumerable
                .Range(Length, (2 * ContentId.Length) - Length + 1)
                .First(length =>
                    members.Select(content => content.ToString()[..length]).Distinct(StringComparer.Ordinal).Count() == members.Count
                );
            foreach (var content in members)
                ids[content] = content.ToString()[..length];
        }
        return ids;
    }
}
