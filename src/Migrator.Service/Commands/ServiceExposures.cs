using Migrator.App.Commands;
using Migrator.Core.Jobs;
using Migrator.Service.Settings;
using Migrator.Service.Telemetry;

namespace Migrator.Service.Commands;

/// <summary>What settings that only the service reads send unencrypted.</summary>
internal sealed class ServiceExposures(IConfiguration settings, Exposures exposures)
{
    public IEnumerable<string> OfSettings() => exposures.OfSettings().Concat(OfTelemetry()).Concat(OfDashboard());

    private IEnumerable<string> OfTelemetry()
    {
        // What a collector asks for as a login stands there and nowhere else.
        if (
            string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_HEADERS"))
            || Exposures.Try<object>(() => TelemetrySetup.Otlp(settings)) is null
        )
            yield break;
        var text = settings["Telemetry:Otlp:Endpoint"] is { Length: > 0 } given
            ? given
            : Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT");
        if (
            Uri.TryCreate(text, UriKind.Absolute, out var endpoint)
            && Exposures.At(
                "Telemetry",
                InClear.Of(
                    endpoint,
                    "The headers of OTEL_EXPORTER_OTLP_HEADERS and all telemetry go",
                    "an https:// address of the collector"
                )
            )
                is { } line
        )
            yield return line;
    }

    private IEnumerable<string> OfDashboard() =>
        (Exposures.Try(() => DashboardSettings.Read(settings))?.Urls ?? [])
            .Where(url => !url.Tls && !url.Loopback)
            .Select(url =>
                "Dashboard: "
                + InClear.Line(
                    "tokens and pages go from the reverse proxy",
                    url.Text,
                    "Dashboard:Urls to an https:// address, or to 127.0.0.1 where the proxy is on this machine"
                )
            );
}
