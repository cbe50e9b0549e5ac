using System.Diagnostics;
using Migrator.Core.Redaction;
using OpenTelemetry;

namespace Migrator.Service.Telemetry;

/// <summary>Takes secrets out of spans before they are exported.</summary>
internal sealed class RedactingTraces : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        data.DisplayName = SecretRedactor.Redact(data.DisplayName);
        foreach (var (key, value) in data.TagObjects.ToList())
        {
            if (value is string text && SecretRedactor.Redact(text) is var redacted && !ReferenceEquals(redacted, text))
                data.SetTag(key, redacted);
        }
        if (data.StatusDescription is { } description)
            data.SetStatus(data.Status, SecretRedactor.Redact(description));
    }
}
