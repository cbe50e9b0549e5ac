using System.Text.Json;
using System.Text.Json.Serialization;

namespace Migrator.Core.Mail;

/// <summary>UIDs are text in plans, as IMAP writes them: a million of them would be megabytes as numbers.</summary>
public sealed class UidSetJsonConverter : JsonConverter<UidSet>
{
    public override UidSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return UidSet.Parse(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException());
        }
        catch (FormatException exception)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    public override void Write(Utf8JsonWriter writer, UidSet value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
