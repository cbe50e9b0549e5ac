using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Auditing;
using Migrator.Storage.Auditing;

namespace Migrator.Tests.Auditing;

/// <summary>The audit trail of a state directory, as tests look at it.</summary>
internal static class Trail
{
    public static readonly AuditActor Ann = new(AuditActor.Page, "ann@example.org") { Role = "operator", Address = "192.0.2.7" };

    public static Auditor Auditor(string state) =>
        new(new AuditTrail(state, TimeProvider.System), new AuditActor(AuditActor.Service, "test"), NullLogger<Auditor>.Instance);

    public static AuditEntry Entry(string job, string outcome = AuditOutcome.Done) =>
        new(AuditEvent.JobPaused, Ann, AuditSubject.Of(("job", job)), outcome);

    /// <summary>In a directory of its own.</summary>
    public static async Task<string> WriteAsync(int lines, long fileSize = 1 << 20)
    {
        var state = Directory.CreateTempSubdirectory("audit").FullName;
        using var trail = new AuditTrail(state, TimeProvider.System, fileSize);
        for (var number = 1; number <= lines; number++)
            await trail.AppendAsync(Entry($"job-{number}"), default);
        return state;
    }

    public static IReadOnlyList<string> Files(string state) =>
        [.. Directory.GetFiles(Path.Combine(state, "audit"), "*.jsonl").Order(StringComparer.Ordinal)];

    public static IReadOnlyList<JsonElement> Lines(string state) =>
        !Directory.Exists(Path.Combine(state, "audit"))
            ? []
            : [.. Files(state).SelectMany(File.ReadAllLines).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Event and outcome of each line.</summary>
    public static IReadOnlyList<string> Told(string state) =>
        [.. Lines(state).Select(line => $"{Text(line, "event")} {Text(line, "outcome")}")];

    public static string? Text(JsonElement json, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (!json.TryGetProperty(name, out json))
                return null;
        }
        return json.ToString();
    }

    public static AuditReport Verify(string state, string? from = null) => new AuditVerification(state, from).Run(default);
}
