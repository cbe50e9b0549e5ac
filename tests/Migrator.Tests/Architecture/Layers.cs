namespace Migrator.Tests.Architecture;

/// <summary>What may know what. docs/architecture.md shows the same.</summary>
internal static class Layers
{
    /// <summary>The folders of each project, the lowest first: what a folder knows stands before it.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> OfProjects = new Dictionary<string, IReadOnlyList<string>>
    {
        ["Migrator.Core"] =
        [
            "Timing",
            "Redaction",
            "Failures",
            "Files",
            "Secrets",
            "Identity",
            "Providers",
            "Pacing",
            "Mail",
            "Blobs",
            "Spool",
            "Checkpoints",
            "Folders",
            "Selection",
            "Following",
            "Plans",
            "Reports",
            "Progress",
            "Fetching",
            "Archives",
            "Jobs",
            "Discovery",
            "Telemetry",
            "Auditing",
            "Exports",
            "Certificates",
            "Migrations",
            "JobRuns",
            "Backups",
        ],
        ["Migrator.Storage"] =
        [
            "Sql",
            "Sqlite",
            "Postgres",
            "Keys",
            "Blobs",
            "Auditing",
            "Checkpoints",
            "JobRuns",
            "Logins",
            "Traffic",
            "Archives",
        ],
        ["Migrator.Files"] = ["Bytes", "Disk", "Findings", "Manifest", "Names", "Messages", "Mbox", "Reading", "Writing"],
        ["Migrator.Mail"] = ["Pacing", "Connections", "Search", "Pop3", "Imap", "Smtp"],
        ["Migrator.Discovery"] = ["Dns", "Autoconfig", "Probing", "Finding"],
        ["Migrator.Identity"] = ["Tokens", "Logins", "OAuth", "Google", "Entra", "Provider"],
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
            "Certificates",
            "Health",
            "Execution",
            "Commands",
        ],
        ["Migrator.Service"] = ["Settings", "Jobs", "Execution", "Schedules", "Telemetry", "Notifications", "Dashboard", "Commands"],
        ["Migrator.Cli"] = ["Output", "Help", "Commands"],
    };

    /// <summary>What each project may know of the others, and of libraries of mail.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> BetweenProjects = new Dictionary<
        string,
        IReadOnlyList<string>
    >
    {
        ["Migrator.Core"] = [],
        ["Migrator.Storage"] = ["Migrator.Core"],
        ["Migrator.Files"] = ["Migrator.Core", "MimeKit"],
        ["Migrator.Mail"] = ["Migrator.Core", "MimeKit", "MailKit"],
        ["Migrator.Identity"] = ["Migrator.Core"],
        ["Migrator.Discovery"] = ["Migrator.Core", "DnsClient"],
        ["Migrator.App"] = ["Migrator.Core", "Migrator.Storage", "Migrator.Mail", "Migrator.Identity", "Migrator.Discovery"],
        ["Migrator.Service"] = ["Migrator.Core", "Migrator.Storage", "Migrator.Mail", "Migrator.App"],
        ["Migrator.Cli"] = ["Migrator.Core", "Migrator.Storage", "Migrator.Files", "Migrator.Mail", "Migrator.App"],
    };
}
