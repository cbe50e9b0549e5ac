using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Rounds;
using Migrator.Core.Secrets;

namespace Migrator.App.Settings;

/// <summary>The settings of <c>migrator serve</c>; docs/operations.md explains each. All mistakes are told at once.</summary>
/// <param name="Jobs">Directory of job files, full path.</param>
/// <param name="AtOnce">Mailboxes under way at once on this worker, 1 to 500.</param>
/// <param name="Hosts">Mailboxes under way at once at a host, over all workers.</param>
/// <param name="KeepHistory">How long rounds and their reports are kept.</param>
/// <param name="Database">Where the connection string of the shared PostgreSQL is; null for SQLite in the state directory.</param>
public sealed record WorkerSettings(string Jobs, int AtOnce, HostLimits Hosts, TimeSpan KeepHistory, SecretReference? Database)
{
    /// <exception cref="JobFileException">Every mistake in them.</exception>
    public static WorkerSettings Read(IConfiguration settings)
    {
        var errors = new List<JobFileError>();
        errors.AddRange(KnownKeys.Others(settings.GetSection("ConnectionStrings"), "Migrator"));
        errors.AddRange(KnownKeys.Others(settings.GetSection("Worker"), "AtOnce", "PerHost", "KeepHistory"));
        if (settings["Worker:PerHost"] is { Length: > 0 })
            errors.Add(new JobFileError("Worker:PerHost", "has a number for each host: set Worker:PerHost:Default, or Worker:PerHost:HOST."));
        var jobs = Path.GetFullPath(settings["JobsDirectory"] is { Length: > 0 } directory ? directory : "jobs");
        var atOnce = Number("Worker:AtOnce", 8, 500);
        var named = settings.GetSection("Worker:PerHost").GetChildren().Where(host => host.Key != "Default")
            .ToDictionary(host => host.Key.ToLowerInvariant(), host => Number($"Worker:PerHost:{host.Key}", 1, 10_000));
        // Below what the worker takes: a host that answers slowly or never must not hold all of it.
        var hosts = new HostLimits(Number("Worker:PerHost:Default", Math.Max(1, atOnce * 3 / 4), 10_000), named);
        var keep = Durations.Parse(settings["Worker:KeepHistory"] is { Length: > 0 } text ? text : "90d");
        if (keep is null || keep < TimeSpan.FromDays(1))
            errors.Add(new JobFileError("Worker:KeepHistory", "must be a time such as \"90d\", at least \"1d\"."));
        var database = Database();
        return errors.Count == 0 ? new WorkerSettings(jobs, atOnce, hosts, keep!.Value, database) : throw new JobFileException("settings", errors);

        int Number(string key, int standard, int most)
        {
            if (settings[key] is not { Length: > 0 } given)
                return standard;
            if (int.TryParse(given, out var number) && number >= 1 && number <= most)
                return number;
            errors.Add(new JobFileError(key, $"must be a whole number from 1 to {most}, not \"{given}\"."));
            return standard;
        }

        SecretReference? Database()
        {
            switch (settings["CheckpointStore"])
            {
                case null or "" or "Sqlite":
                    return null;
                case "PostgreSQL":
                    if (settings["ConnectionStrings:Migrator"] is { Length: > 0 } text && SecretReference.Parse(text, Directory.GetCurrentDirectory()) is { Source: not SecretSource.Prompt } reference)
                        return reference;
                    errors.Add(new JobFileError("ConnectionStrings:Migrator", "must say where the connection string of the database is: \"env:NAME\", \"file:PATH\" or \"setting:NAME\", never the string itself (it is not shown here)."));
                    return null;
                case var other:
                    errors.Add(new JobFileError("CheckpointStore", $"is \"{other}\"; use \"Sqlite\" or \"PostgreSQL\"."));
                    return null;
            }
        }
    }
}
