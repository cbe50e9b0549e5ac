namespace Migrator.Tests.Telemetry;

/// <param name="Status">2: failed.</param>
internal sealed record OtlpSpan(
    string Trace,
    string Id,
    string Parent,
    string Name,
    IReadOnlyDictionary<string, string> Attributes,
    int Status,
    string StatusText
);
