using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Writes the notices of all packages of a CycloneDX bill of materials: who made each, its license, and the texts that come with it. Compiled by the
/// build (Packaging.targets), for a library without System.Text.Json.</summary>
public sealed class WriteNotices : Task
{
    private static readonly string[] s_names = { "LICENSE", "LICENCE", "NOTICE", "COPYING", "THIRD-PARTY-NOTICES" };

    [Required]
    public string Bom { get; set; }

    /// <summary>Packages that are published although the bill has them for development only; the bill is corrected.</summary>
    public string[] Shipped { get; set; }

    /// <summary>The folder that packages were restored to.</summary>
    [Required]
    public string Packages { get; set; }

    /// <summary>A folder with the text of each license that packages only name.</summary>
    [Required]
    public string Licenses { get; set; }

    [Required]
    public string Notices { get; set; }

    public override bool Execute()
    {
        var text = File.ReadAllText(Bom);
        foreach (var shipped in Shipped ?? Array.Empty<string>())
            text = Required(text, shipped);
        File.WriteAllText(Bom, text);
        var texts = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var notices = new StringBuilder("Migrator is made with these packages of others. Their licenses follow below.\n");
        foreach (var component in Components(text).Where(component => Value(component, "scope") != "excluded"))
            Add(component, notices, texts);
        foreach (var (body, packages) in texts.Select(entry => (entry.Key, entry.Value)))
            notices.Append("\n\n=== ").Append(string.Join(", ", packages)).Append(" ===\n\n").Append(body).Append('\n');
        File.WriteAllText(Notices, notices.ToString());
        return !Log.HasLoggedErrors;
    }

    private void Add(XElement component, StringBuilder notices, IDictionary<string, List<string>> texts)
    {
        var name = Value(component, "name");
        var version = Value(component, "version");
        var licenses = component.Descendants("licenses").Descendants().Where(element => element.Name == "id" || element.Name == "expression").Select(element => element.Value).ToList();
        var url = component.Descendants("licenses").Descendants("url").Select(element => element.Value).FirstOrDefault();
        notices.Append('\n').Append(name).Append(' ').Append(version).Append('\n')
            .Append("  ").Append(Value(component, "copyright") ?? string.Join(", ", component.Descendants("authors").Descendants("name").Select(author => author.Value))).Append('\n')
            .Append("  License: ").Append(licenses.Count > 0 ? string.Join(" or ", licenses) : url ?? "see below").Append('\n');
        var folder = Path.Combine(Packages, name.ToLowerInvariant(), version.ToLowerInvariant());
        var files = Directory.GetFiles(folder).Where(file => s_names.Any(known => Path.GetFileName(file).StartsWith(known, StringComparison.OrdinalIgnoreCase))).OrderBy(file => file, StringComparer.Ordinal).ToList();
        var known = licenses.Select(license => Path.Combine(Licenses, license + ".txt")).Where(File.Exists).ToList();
        if (files.Count == 0 && known.Count == 0)
            Log.LogError("{0} {1} comes without the text of its license ({2}): put it into eng/licenses.", name, version, licenses.Count > 0 ? string.Join(", ", licenses) : "it names none");
        foreach (var file in files.Concat(known))
        {
            var body = File.ReadAllText(file).Replace("\r\n", "\n").Trim('\uFEFF', '\n', ' ');
            if (!texts.TryGetValue(body, out var packages))
                texts[body] = packages = new List<string>();
            if (!packages.Contains(name))
                packages.Add(name);
        }
    }

    private string Required(string text, string package)
    {
        const string excluded = "\"scope\": \"excluded\"";
        var start = text.IndexOf("\"bom-ref\": \"pkg:nuget/" + package + "@", StringComparison.Ordinal);
        var scope = start < 0 ? -1 : text.IndexOf("\"scope\": ", start, StringComparison.Ordinal);
        if (scope < 0)
            Log.LogError("{0} is not in the bill of materials {1}.", package, Bom);
        return scope >= 0 && string.CompareOrdinal(text, scope, excluded, 0, excluded.Length) == 0
            ? text.Substring(0, scope) + "\"scope\": \"required\"" + text.Substring(scope + excluded.Length) : text;
    }

    private static IEnumerable<XElement> Components(string json)
    {
        using (var reader = JsonReaderWriterFactory.CreateJsonReader(Encoding.UTF8.GetBytes(json), XmlDictionaryReaderQuotas.Max))
            return XDocument.Load(reader).Root.Element("components").Elements().ToList();
    }

    private static string Value(XElement component, string name) => component.Element(name)?.Value;
}
