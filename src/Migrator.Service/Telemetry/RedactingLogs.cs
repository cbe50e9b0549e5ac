using System.Globalization;
using Migrator.Core.Redaction;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Migrator.Service.Telemetry;

/// <summary>Takes secrets out of log records before they are exported.</summary>
internal sealed class RedactingLogs : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.FormattedMessage is { } message)
            data.FormattedMessage = SecretRedactor.Redact(message);
        if (data.Body is { } body)
            data.Body = SecretRedactor.Redact(body);
        List<KeyValuePair<string, object?>> attributes =
        [
            .. (data.Attributes ?? []).Select(attribute => KeyValuePair.Create(attribute.Key, Clean(attribute.Value))),
        ];
        if (
            data.Exception is { } exception
            && exception.ToString() is var text
            && SecretRedactor.Redact(text) is var redacted
            && !ReferenceEquals(redacted, text)
        )
        {
            // An exception cannot be changed: what would be exported of it takes its place.
            data.Exception = null;
            attributes.Add(new("exception.type", exception.GetType().FullName));
            attributes.Add(new("exception.message", SecretRedactor.Redact(exception.Message)));
            attributes.Add(new("exception.stacktrace", redacted));
        }
        data.Attributes = attributes;
    }

    private static object? Clean(object? value) =>
        value switch
        {
            null or bool or int or long or uint or double => value,
            string text => SecretRedactor.Redact(text),
            _ => SecretRedactor.Redact(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
        };
}
