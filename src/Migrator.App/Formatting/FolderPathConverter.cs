using System.Text.Json;
using System.Text.Json.Serialization;
using Migrator.Core.Mail;

namespace Migrator.App.Formatting;

/// <summary>A folder path as its text form: names joined with <c>/</c>.</summary>
public sealed class FolderPathConverter : JsonConverter<FolderPath>
{
    public override FolderPath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return FolderPath.Parse(reader.GetString()!);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, FolderPath value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
