using System.Text.Json;
using System.Text.Json.Nodes;
using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Plans;

namespace Migrator.App.Reports;

/// <summary>Reads what <see cref="ReportFiles"/> and <see cref="JobReportFiles"/> have written of plans, and a person may have
/// edited.</summary>
public static class PlanFile
{
    /// <param name="path">The JSON file of a mailbox, or the directory of a job.</param>
    /// <returns>One for each mailbox.</returns>
    /// <exception cref="ConfigurationException">It cannot be read, or is something else.</exception>
    public static IReadOnlyList<MailboxPlan> Read(string path)
    {
        try
        {
            if (!Directory.Exists(path))
                return [ReadOne(path)];
            var files = Directory.GetFiles(Path.Combine(path, JobReportFiles.Below), "*.json");
            return files.Length > 0
                ? [.. files.Order(StringComparer.Ordinal).Select(ReadOne)]
                : throw Wrong(path, "has no plans of mailboxes. Give the directory that \"migrator plan\" has named.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Wrong(path, $"cannot be read: {exception.Message}");
        }
    }

    private static MailboxPlan ReadOne(string path)
    {
        var json = InputFile.ReadAll(path, InputFile.MostOfJobs);
        try
        {
            var head = JsonNode.Parse(json) as JsonObject;
            if (head?["kind"] is not JsonValue kind || !kind.TryGetValue(out string? word) || word != ReportJson.PlanKind)
                throw Wrong(path, "is not a plan. Give the JSON file that \"migrator plan\" has written.");
            if (head["schema"] is not JsonValue number || !number.TryGetValue(out int schema) || schema != ReportJson.Schema)
                throw Wrong(path, "was written by another version of this program. Make a new plan.");
            var plan = ReportJson.ParseWhole<MailboxPlan>(json)!;
            // Elements of lists are not checked on the way.
            if (plan.Folders.Contains(null!) || plan.Renames.Contains(null!) || plan.Deletions.Contains(null!))
                throw Wrong(path, "has an entry without content. Make a new plan.");
            return plan.Folders.DistinctBy(folder => folder.Source).Count() == plan.Folders.Count
                ? plan
                : throw Wrong(path, "has a folder twice. Make a new plan.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Wrong(path, $"is not a plan that can be carried out: {exception.Message}");
        }
    }

    private static ConfigurationException Wrong(string path, string why) => new(path, [new ConfigurationError("$", why)]);
}
