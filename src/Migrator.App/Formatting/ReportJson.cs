using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Migrator.Core.Plans;
using Migrator.Core.Reports;

namespace Migrator.App.Formatting;

/// <summary>The stable JSON shape of reports (docs/output.md): camelCase, enumerations as words, folder paths as text,
/// ASCII only. A report begins with <c>schema</c> and <c>kind</c>.</summary>
public static class ReportJson
{
    /// <summary>Raised when a name goes or changes its meaning; a new name does not raise it.</summary>
    public const int Schema = 2;

    /// <summary>Of a plan, which a run reads again.</summary>
    public const string PlanKind = "plan";

    public static readonly JsonSerializerOptions Indented = Create(indented: true);

    public static readonly JsonSerializerOptions OneLine = Create(indented: false);

    private static readonly JsonSerializerOptions s_whole = new(OneLine)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>On one line.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, Type<T>(OneLine));

    /// <summary>As a file, for people too.</summary>
    public static byte[] Document<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Type<T>(Indented));

    /// <exception cref="JsonException">It has not the shape of a <typeparamref name="T"/>.</exception>
    public static T? Parse<T>(string json) => JsonSerializer.Deserialize(json, Type<T>(OneLine));

    /// <summary>What a person may have edited: whatever is missing is an error.</summary>
    /// <inheritdoc cref="Parse"/>
    public static T? ParseWhole<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Type<T>(s_whole));

    public static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, Type<T>(OneLine));

    private static JsonTypeInfo<T> Type<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(ReportJsonContext.Default.Options) { WriteIndented = indented, NewLine = "\n" };
        options.TypeInfoResolver = ReportJsonContext.Default.WithAddedModifier(Shape);
        return options;
    }

    private static void Shape(JsonTypeInfo type)
    {
        if (type.Type == typeof(RunReport))
            Head(type, "run");
        else if (type.Type == typeof(VerifyReport))
            Head(type, "verify");
        else if (type.Type == typeof(JobReport))
            Head(type, "job");
        else if (type.Type == typeof(MailboxPlan))
            Head(type, PlanKind);
        else if (type.Type == typeof(MessageCounts))
            type.Properties.Remove(type.Properties.Single(property => property.Name == "addsUp"));
    }

    private static void Head(JsonTypeInfo type, string kind)
    {
        Constant("schema", Schema, -2);
        Constant("kind", kind, -1);

        void Constant<T>(string name, T value, int order)
        {
            var property = JsonMetadataServices.CreatePropertyInfo(
                type.Options,
                new JsonPropertyInfoValues<T>
                {
                    IsProperty = true,
                    IsPublic = true,
                    DeclaringType = type.Type,
                    PropertyName = name,
                    JsonPropertyName = name,
                    Getter = _ => value,
                }
            );
            property.Order = order;
            type.Properties.Add(property);
        }
    }
}
