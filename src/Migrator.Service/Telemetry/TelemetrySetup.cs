using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Migrator.App.Health;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Telemetry;
using Migrator.Mail.Connections;
using Migrator.Service.Execution;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Migrator.Service.Telemetry;

/// <summary>Metrics, traces, logs and health of a worker.</summary>
public static class TelemetrySetup
{
    // System.Runtime is the base class library's own.
    private static readonly Dictionary<string, OtlpExportProtocol> s_protocols = new()
    {
        ["http/protobuf"] = OtlpExportProtocol.HttpProtobuf,
        ["grpc"] = OtlpExportProtocol.Grpc,
    };

    private static readonly string[] s_meters = [RunMetrics.MeterName, .. MailMeters.Names, "System.Runtime", "Quartz", "Npgsql"];

    /// <summary>The environment variables that OpenTelemetry has, which it looks for among the settings of the host.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Variables =>
        Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value))
            .Where(variable => variable.Key.StartsWith("OTEL_", StringComparison.Ordinal));

    /// <summary>Needs an <see cref="Core.JobRuns.IRunHistory"/>, a <see cref="Jobs.JobCatalogue"/>, a <see cref="TimeProvider"/>, a
    /// <see cref="Heartbeat"/> and a <see cref="StateDirectoryProbe"/>. A
    /// <see cref="OverduePolicy"/> may be registered before.</summary>
    /// <param name="settings">Of it, <c>Telemetry:Otlp:Endpoint</c> (an address such as <c>http://collector:4318</c>) and
    /// <c>Telemetry:Otlp:Protocol</c> (<c>http/protobuf</c> or <c>grpc</c>); without them, the environment variables that OpenTelemetry has
    /// for it. Without either, nothing is sent.</param>
    /// <param name="worker">Names this worker among the others (<c>service.instance.id</c>); null for a name made up at each start.</param>
    /// <exception cref="ConfigurationException">The endpoint is not an address, or the protocol none of these.</exception>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration settings, string? worker = null)
    {
        MailMeters.Enable();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(OverduePolicy.BySimpleSchedules);
        services.AddSingleton<JobHealth>();
        services.AddSingleton<JobRunMetrics>();
        services.AddHostedService(provider => provider.GetRequiredService<JobRunMetrics>());
        services.AddSingleton<ReadyCheck>();
        // It writes a line for each probe of a worker that is not ready; ReadyCheck one for each change.
        services.AddLogging(logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        services.AddHealthChecks().AddCheck<ReadyCheck>("ready", HealthStatus.Unhealthy, [ObservabilityEndpoints.Ready]);

        var seen = services
            .AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource.AddService(
                    "migrator",
                    serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3),
                    serviceInstanceId: worker
                        ?? string.Create(
                            CultureInfo.InvariantCulture,
                            $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}"
                        )
                )
            )
            .WithMetrics(metrics =>
                metrics.AddMeter(s_meters).AddView(MailMeters.Misleading, MetricStreamConfiguration.Drop).AddPrometheusExporter()
            );
        if (Otlp(settings) is not { } otlp)
            return services;
        seen.WithTracing(traces => traces.AddSource(RunActivities.SourceName).AddProcessor(new RedactingTraces()))
            .WithLogging(logs => logs.AddProcessor(new RedactingLogs()), options => options.IncludeFormattedMessage = true);
        if (otlp.Endpoint is { } endpoint)
            seen.UseOtlpExporter(otlp.Protocol, endpoint);
        else
            seen.UseOtlpExporter();
        return services;
    }

    /// <returns>Null where nothing is to be sent; without an endpoint where the environment says it all.</returns>
    /// <exception cref="ConfigurationException">The endpoint is not an address, or the protocol none of these.</exception>
    public static (OtlpExportProtocol Protocol, Uri? Endpoint)? Otlp(IConfiguration settings)
    {
        var telemetry = new SettingsReader(settings, "Telemetry");
        var otlp = telemetry.Section("Otlp");
        telemetry.RejectUnknown("Otlp");
        otlp.RejectUnknown("Endpoint", "Protocol");
        var protocol = otlp.Word("Protocol", OtlpExportProtocol.HttpProtobuf, s_protocols);
        Uri? endpoint = null;
        if (otlp.Text("Endpoint") is { } text)
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https"))
                otlp.Wrong("Endpoint", "must be an address such as \"http://collector:4318\".");
            else if (endpoint.UserInfo.Length > 0)
                otlp.Wrong(
                    "Endpoint",
                    "contains a password (it is not shown here); put it into the environment variable OTEL_EXPORTER_OTLP_HEADERS."
                );
        }
        telemetry.ThrowIfWrong();
        if (endpoint is not null)
            return (protocol, endpoint);
        return string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"))
            ? null
            : (OtlpExportProtocol.Grpc, null);
    }
}
