using System.Text;
using Migrator.App.Output;
using Migrator.Core.Identity;

namespace Migrator.Cli.Output;

/// <summary>Shows what an access token says of itself.</summary>
internal static class TokenView
{
    public static string Text(string end, string user, TokenDescription token) =>
        $"{char.ToUpperInvariant(end[0])}{end[1..]}: {user} logs in with a token; "
        + $"{string.Join("; ", token.Facts.Select(fact => $"{Words(fact.Name)} {fact.Value}"))}.";

    public static JsonFields Fields(TokenDescription token)
    {
        var fields = new JsonFields();
        foreach (var fact in token.Facts)
            fields.Add(fact.Name, fact.Value);
        return fields;
    }

    /// <summary><c>enterprise application</c> of <c>enterpriseApplication</c>.</summary>
    private static string Words(string name)
    {
        var words = new StringBuilder();
        foreach (var letter in name)
            words.Append(char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : letter);
        return words.ToString();
    }
}
