using Microsoft.Extensions.Logging;
using Migrator.Core.Auditing;

namespace Migrator.App.Hosting;

/// <summary>What the run of a mailbox is put together from, at a terminal and in a service alike.</summary>
public class RunContext
{
    public RunContext(
        StatePaths paths,
        SecretStore secrets,
        SessionFactory sessions,
        StoreFactory stores,
        ILoggerFactory loggers,
        Auditor auditor,
        TimeProvider time
    ) => (Paths, Secrets, Sessions, Stores, Loggers, Auditor, Time) = (paths, secrets, sessions, stores, loggers, auditor, time);

    protected RunContext(RunContext other)
        : this(other.Paths, other.Secrets, other.Sessions, other.Stores, other.Loggers, other.Auditor, other.Time) { }

    public StatePaths Paths { get; }

    public SecretStore Secrets { get; }

    public SessionFactory Sessions { get; }

    public StoreFactory Stores { get; }

    public ILoggerFactory Loggers { get; }

    /// <summary>Records what is done, with who does it.</summary>
    public Auditor Auditor { get; }

    public TimeProvider Time { get; }

    /// <summary>The same for one run: secrets are looked up again, as they may have been replaced since the last one.</summary>
    /// <param name="workerSpool">The directory of the worker's spools.</param>
    public RunContext ForRun(string workerSpool) => WithNewSecrets(Paths.ForWorker(workerSpool), Loggers, Auditor);

    /// <summary>The same for a service, which asks nobody, and has its own log and its own name in the audit trail.</summary>
    public RunContext ForService(ILoggerFactory loggers, Auditor auditor) => WithNewSecrets(Paths, loggers, auditor);

    private RunContext WithNewSecrets(StatePaths paths, ILoggerFactory loggers, Auditor auditor)
    {
        var secrets = Secrets.ForService();
        return new RunContext(paths, secrets, Sessions.With(secrets), Stores.With(paths, secrets), loggers, auditor, Time);
    }
}
