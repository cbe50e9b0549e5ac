using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Migrator.Core.Reports;

namespace Migrator.Worker.Formatting;

/// <summary>The stable JSON shape of reports (docs/output.md): camelCase, enumerations as words, folder paths as text,
/// ASCII only. A report begins with <c>schema</c> and <c>kind</c>.</summary>
public static class ReportJson
{
    /// <summary>Raised when a name goes or changes its meaning; a new name does not raise it.</summary>
    public const int Schema = 1;

    public static readonly JsonSerializerOptions Indented = Create(indented: true);

    public static readonly JsonSerializerOptions OneLine = Create(indented: false);

    private static JsonSerializerOptions Create(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = indented,
        NewLine = "\n",
        Converters = { new RedactingConverter(), new FolderPathConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Shape } },
    };

    private static void Shape(JsonTypeInfo type)
    {
        if (type.Type == typeof(RunReport))
            Head(type, "run");
        else if (type.Type == typeof(VerifyReport))
            Head(type, "verify");
        else if (type.Type == typeof(MessageCounts))
            type.Properties.Remove(type.Properties.Single(property => property.Name == "addsUp"));
    }

    private static void Head(JsonTypeInfo type, string kind)
    {
        Constant("schema", Schema, -2);
        Constant("kind", kind, -1);

        void Constant<T>(string name, T value, int order)
        {
            var property = type.CreateJsonPropertyInfo(typeof(T), name);
            (property.Get, property.Order) = (_ => value, order);
            type.Properties.Add(property);
        }
    }
}
