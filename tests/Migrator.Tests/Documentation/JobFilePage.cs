using System.Globalization;
using System.Text;
using System.Text.Json;
using Migrator.Tests.Jobs;

namespace Migrator.Tests.Documentation;

/// <summary>Every key of a job file, as jobs/job.schema.json has it.</summary>
internal static class JobFilePage
{
    public static string Generate()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(JobText.Samples(), "job.schema.json")));
        var schema = document.RootElement;
        var definitions = schema.GetProperty("definitions");
        var page = new StringBuilder();
        Section("Top level", schema);
        Section("source, target", definitions.GetProperty("server"));
        Section("source.auth, target.auth", definitions.GetProperty("auth"));
        // Where a key has a definition of its name, that is an object of its own.
        foreach (var key in schema.GetProperty("properties").EnumerateObject())
        {
            if (definitions.TryGetProperty(key.Name, out var definition) && definition.TryGetProperty("properties", out _))
                Section(key.Name, definition);
        }
        return page.ToString().TrimEnd('\n') + "\n";

        void Section(string title, JsonElement definition)
        {
            var nested = new List<(string, JsonElement)>();
            page.Append(CultureInfo.InvariantCulture, $"## {title}\n\n");
            if (title != "Top level" && definition.TryGetProperty("description", out var description))
                page.Append(CultureInfo.InvariantCulture, $"{GeneratedPage.Escaped(description.GetString()!)}\n\n");
            string[] head = ["key", "type", "default", "example", "meaning"];
            GeneratedPage.AddTable(page, definition.GetProperty("properties").EnumerateObject().Select(Row).Prepend(head)).Append('\n');
            foreach (var (name, inner) in nested)
                Section(name, inner);

            string[] Row(JsonProperty property)
            {
                var key = new SchemaKey(property.Value, definitions);
                var link = key.Definition is { } named
                    ? named == "server"
                        ? "source-target"
                        : named
                    : null;
                if (key.HasKeys && link is null)
                {
                    var path = title == "Top level" ? property.Name : $"{title.Split(',')[0]}.{property.Name}";
                    nested.Add((path, key.Own));
                    link = path.Replace(".", "", StringComparison.Ordinal).ToLowerInvariant();
                }
                return key.HasKeys
                    ? [$"`{property.Name}`", $"[object](#{link})", key.Default ?? "", "", GeneratedPage.Escaped(key.Description)]
                    : [$"`{property.Name}`", key.Type, key.Default ?? "", $"`{key.Example}`", GeneratedPage.Escaped(key.Description)];
            }
        }
    }
}
