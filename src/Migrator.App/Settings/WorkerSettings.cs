using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Secrets;

namespace Migrator.App.Settings;

/// <summary>The settings of <c>migrator serve</c>; docs/operations.md explains each. All errors are reported together.</summary>
/// <param name="Jobs">Directory of job files, full path.</param>
/// <param name="MaxConcurrency">Mailboxes that run concurrently on this worker, 1 to 500.</param>
/// <param name="Hosts">Mailboxes that run concurrently at a host, over all workers.</param>
/// <param name="KeepHistory">How long job runs and their reports are kept.</param>
/// <param name="Database">Where the connection string of the shared PostgreSQL is; null for SQLite in the state directory.</param>
public sealed record WorkerSettings(string Jobs, int MaxConcurrency, HostLimits Hosts, TimeSpan KeepHistory, SecretReference? Database)
{
    private static readonly Dictionary<string, bool> s_isShared = new() { ["Sqlite"] = false, ["PostgreSQL"] = true };

    /// <exception cref="ConfigurationException">Every error in them.</exception>
    public static WorkerSettings Read(IConfiguration settings)
    {
        var root = new SettingsReader(settings, "");
        var worker = root.Section("Worker");
        var hosts = worker.Section("PerHost");
        worker.RejectUnknown("MaxConcurrency", "PerHost", "KeepHistory");
        if (worker.Text("PerHost") is not null)
            worker.Wrong("PerHost", "has a number for each host: set Worker:PerHost:Default, or Worker:PerHost:HOST.");
        var jobs = Path.GetFullPath(root.Text("JobsDirectory") ?? "jobs");
        var atOnce = worker.Number("MaxConcurrency", 8, 500);
        var named = hosts
            .Keys.Where(host => host != "Default")
            .ToDictionary(host => host.ToLowerInvariant(), host => hosts.Number(host, 1, 10_000));
        // Below what the worker takes: a host that answers slowly or never must not hold all of it.
        var limits = new HostLimits(hosts.Number("Default", Math.Max(1, atOnce * 3 / 4), 10_000), named);
        var keep = worker.Duration("KeepHistory", "90d", least: "1d", most: null);
        var database = ReadDatabase(root);
        root.ThrowIfWrong();
        return new WorkerSettings(jobs, atOnce, limits, keep, database);
    }

    private static SecretReference? ReadDatabase(SettingsReader root)
    {
        var strings = root.Section("ConnectionStrings");
        strings.RejectUnknown("Migrator");
        if (!root.Word("CheckpointStore", false, s_isShared))
            return null;
        if (strings.Text("Migrator") is null)
            strings.Wrong(
                "Migrator",
                "is missing: say where the connection string of the database is: \"env:NAME\", \"file:PATH\" or \"setting:NAME\"."
            );
        return strings.Secret("Migrator", "connection string of the database");
    }
}
