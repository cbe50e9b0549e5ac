using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Migrator.Files.Manifest;

/// <summary>The file beside an export that holds what the format cannot: <c>migrator-export.jsonl</c>, a header line and
/// then one line of JSON for each message. Everything in it is meant to be read by others too.</summary>
internal static class ExportManifest
{
    public const int Version = 1;

    public const string Stem = "migrator-export";

    public const string File = Stem + ".jsonl";

    /// <summary>The sidecar, while it is put together.</summary>
    public const string Part = Stem + ".part";

    /// <summary>The messages so far. It is there from the beginning of an export to its end: where the sidecar is not, and
    /// this is, the export was interrupted.</summary>
    public const string Unfinished = Stem + ".unfinished";

    private static readonly JsonSerializerOptions s_options = new ExportManifestContext(
        new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        }
    ).Options;

    /// <summary>How a line is written and read.</summary>
    /// <typeparam name="T">One that <see cref="ExportManifestContext"/> names.</typeparam>
    public static JsonTypeInfo<T> Json<T>() => (JsonTypeInfo<T>)s_options.GetTypeInfo(typeof(T));
}
