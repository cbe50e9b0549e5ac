using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Migrator.App.Formatting;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;

namespace Migrator.Service.Notifications;

/// <summary>What all letters have in common.</summary>
internal static class NotificationFormat
{
    /// <summary>Of the JSON: raised when a name goes or changes its meaning; a new name does not raise it.</summary>
    public const int Version = 2;

    // Of a report, the shape that reports have; the letters' own shapes are found at run time: this program has a JIT.
    private static readonly JsonSerializerOptions s_json = new(ReportJson.OneLine)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(ReportJson.OneLine.TypeInfoResolver, new DefaultJsonTypeInfoResolver()),
    };

    /// <summary>Short, and the same for the same words.</summary>
    public static string Hash(IReadOnlyList<string> words) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', words))))[..16];

    public static string Subject(string what) => $"[Migrator] {TextNotificationRenderer.Safe(what)}";

    public static byte[] Json<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, s_json);

    /// <summary>The page of a job; null where nobody said where the dashboard is.</summary>
    public static Uri? Link(Uri? dashboard, string? job) =>
        dashboard is null || job is null
            ? dashboard
            : new Uri(dashboard, "jobs/" + string.Join('/', job.Split('/').Select(Uri.EscapeDataString)));

    public static string Counts(RunCounts counts) =>
        Parts(
            Format.Count(counts.All),
            (counts.Complete, "complete"),
            (counts.Partial, "incomplete"),
            (counts.Failed, "failed"),
            (counts.Cancelled, "cancelled")
        );

    /// <param name="done">What was done with messages: "copied".</param>
    public static string Counts(MessageCounts counts, string done) =>
        Parts(
            $"{Format.Count(counts.Found)} found",
            (counts.Delivered, $"{done} ({Format.Size(counts.DeliveredBytes)})"),
            (counts.AlreadyThere, "already there"),
            (counts.Vanished, "vanished"),
            (counts.Skipped, "skipped by rule"),
            (counts.Failed, "failed"),
            (counts.Remaining, "not reached")
        );

    private static string Parts(string all, params (long Count, string Name)[] parts)
    {
        var said = string.Join(", ", parts.Where(part => part.Count > 0).Select(part => $"{Format.Count(part.Count)} {part.Name}"));
        return said.Length == 0 ? all : $"{all}: {said}";
    }
}
