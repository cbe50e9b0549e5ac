namespace Migrator.Tests.Architecture;

/// <summary>The folders of each project, the lowest first: what a folder knows stands before it. docs/architecture.md shows the same
/// lists.</summary>
internal static class Layers
{
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> OfProjects = new Dictionary<string, IReadOnlyList<string>>
    {
        ["Migrator.Core"] =
        [
            "Redaction",
            "Failures",
            "Files",
            "Secrets",
            "Mail",
            "Blobs",
            "Spool",
            "Checkpoints",
            "Folders",
            "Reports",
            "Progress",
            "Fetching",
            "Archives",
            "Jobs",
            "Telemetry",
            "Auditing",
            "Exports",
            "Migrations",
            "JobRuns",
            "Backups",
        ],
        ["Migrator.Storage"] = ["Sql", "Sqlite", "Postgres", "Keys", "Blobs", "Auditing", "Checkpoints", "JobRuns", "Archives"],
        ["Migrator.Files"] = ["Bytes", "Disk", "Findings", "Manifest", "Names", "Messages", "Mbox", "Reading", "Writing"],
        ["Migrator.Mail"] = ["Connections", "Search", "Pop3", "Imap", "Smtp"],
        ["Migrator.App"] =
        [
            "Formatting",
            "Settings",
            "Logging",
            "Progress",
            "Reports",
            "Output",
            "Jobs",
            "Hosting",
            "Health",
            "Execution",
            "Commands",
        ],
        ["Migrator.Service"] = ["Settings", "Jobs", "Execution", "Schedules", "Telemetry", "Notifications", "Dashboard", "Commands"],
        ["Migrator.Cli"] = ["Output", "Help", "Commands"],
    };
}
