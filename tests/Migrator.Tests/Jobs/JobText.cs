using System.Runtime.CompilerServices;
using System.Text.Json;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary>Texts of job files.</summary>
internal static class JobText
{
    /// <summary>A job without errors that says all that can be said.</summary>
    public const string Full = """
        {
          "$schema": "./job.schema.json",
          "name": "ann", // a comment
          "kind": "migrate",
          "source": {
            "protocol": "imap",
            "host": "imap.old.example",
            "port": 1143,
            "tls": "starttls",
            "user": "ann@old.example",
            "password": "env:OLD_PASSWORD",
            "auth": "scram-sha-256",
            "certificate": { "caFile": "ca.pem" }
          },
          /* another */
          "target": {
            "host": "imap.new.example",
            "user": "ann",
            "password": "file:secrets/ann.txt"
          },
          "folders": {
            "include": ["**"],
            "exclude": ["Trash", "Trash/**"],
            "into": "Old mail",
            "rename": { "Old/Path": "New/Path" },
            "renamePatterns": { "Year */**": "Years/$1/$2", "Z*": "$1", "A?": "$1" },
            "specialUse": "name",
            "emptyFolders": false,
            "acls": true,
            "aclIdentifiers": { "bob": "bob@new.example" },
            "namespaces": ["private", "public"],
          },
          "connections": 5,
          "spoolLimit": "64 MiB",
        }
        """;

    public static string Directory { get; } = Path.GetFullPath("jobs-of-ann");

    public static MigrateJob Parse(string text) =>
        (MigrateJob)JobFile.Parse(text, Path.Combine(Directory, "nightly.json")).Mailboxes.Single().Job;

    public static IReadOnlyList<ConfigurationError> Errors(string text) => Assert.Throws<ConfigurationException>(() => Parse(text)).Errors;

    /// <summary>The full job with one passage replaced.</summary>
    public static string With(string passage, string replacement)
    {
        Assert.Contains(passage, Full);
        return Full.Replace(passage, replacement);
    }

    /// <summary>The same without comments and trailing commas.</summary>
    public static string Strict(string text)
    {
        using var document = JsonDocument.Parse(
            text,
            new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
        );
        return JsonSerializer.Serialize(document.RootElement);
    }

    public static string Samples([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(here, "../../../../jobs"));
}
