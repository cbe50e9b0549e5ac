using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Migrator.App.Formatting;
using Migrator.Core.Redaction;

namespace Migrator.App.Logging;

/// <summary>One JSON object a line, with keys that stay: <c>time</c>, <c>level</c>, <c>category</c>, <c>eventId</c>, <c>event</c>,
/// <c>message</c>, <c>values</c> (by the names in the message's template) and, where there is one, <c>exception</c>.</summary>
public sealed class JsonLogLines(TimeProvider? time = null) : ConsoleFormatter(Format)
{
    public const string Format = "Json";

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("time", _time.GetUtcNow());
            json.WriteString("level", logEntry.LogLevel.ToString().ToLowerInvariant());
            json.WriteString("category", logEntry.Category);
            json.WriteNumber("eventId", logEntry.EventId.Id);
            json.WriteString("event", logEntry.EventId.Name);
            json.WriteString("message", SecretRedactor.Redact(logEntry.Formatter(logEntry.State, logEntry.Exception)));
            json.WriteStartObject("values");
            foreach (var (name, value) in logEntry.State as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
            {
                if (name != "{OriginalFormat}")
                    WriteValue(json, name, value);
            }
            json.WriteEndObject();
            if (logEntry.Exception is { } exception)
                json.WriteString("exception", SecretRedactor.Redact(exception.ToString()));
            json.WriteEndObject();
        }
        textWriter.Write(Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n");
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long or uint or short or byte:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            case DateTimeOffset moment:
                json.WriteString(name, moment);
                break;
            default:
                json.WriteString(name, SecretRedactor.Redact(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                break;
        }
    }
}
