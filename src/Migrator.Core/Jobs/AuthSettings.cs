using System.Text.Json;
using System.Text.Json.Nodes;
using Migrator.Core.Failures;

namespace Migrator.Core.Jobs;

/// <summary>The keys of <c>auth</c> in a job file, as settings have them: <c>ClientId</c> for <c>clientId</c>, and all values
/// text.</summary>
public static class AuthSettings
{
    private const string Root = "$";

    /// <param name="values">By their names.</param>
    /// <param name="user">The login name.</param>
    /// <param name="directory">Where relative paths start from.</param>
    /// <param name="wrong">Gets the name of a value, empty for all of them, and what is wrong with it.</param>
    /// <returns>Null where it has errors.</returns>
    public static ServerAuth? Read(
        IEnumerable<KeyValuePair<string, string>> values,
        string user,
        string directory,
        Action<string, string> wrong
    )
    {
        var auth = new JsonObject();
        foreach (var (name, value) in values)
            auth[name] = bool.TryParse(value, out var flag) ? flag : value;
        var errors = new List<ConfigurationError>();
        using var document = JsonDocument.Parse(auth.ToJsonString());
        var read = new AuthParser(
            // Names of environment variables are often in upper case only.
            new JsonObjectReader(document.RootElement, Root, errors, StringComparer.OrdinalIgnoreCase),
            directory
        ).Read(user);
        foreach (var error in errors)
            wrong(Raised(error.Path.Length > Root.Length ? error.Path[(Root.Length + 1)..] : ""), error.Message);
        return errors.Count == 0 ? read : null;
    }

    private static string Raised(string name) => name.Length == 0 ? name : $"{char.ToUpperInvariant(name[0])}{name[1..]}";
}
