using System.Reflection;

namespace Migrator.Core.Auditing;

/// <summary>A kind of act in the audit trail.</summary>
/// <param name="Id">Stable: never given to another event, and used by no event of the log.</param>
/// <param name="Meaning">For the documentation.</param>
public sealed record AuditEvent(int Id, string Name, string Meaning)
{
    public static readonly AuditEvent ServiceStarted = new(8001, nameof(ServiceStarted), "the service has started");
    public static readonly AuditEvent ServiceStopped = new(8002, nameof(ServiceStopped), "the service has stopped in order");
    public static readonly AuditEvent TrailSealed = new(
        8010,
        nameof(TrailSealed),
        "the end of the trail was not as its last writer left it: `cut` says how"
    );

    public static readonly AuditEvent LoggedIn = new(8101, nameof(LoggedIn), "a person or a program logged in to the dashboard");
    public static readonly AuditEvent LoginRefused = new(8102, nameof(LoginRefused), "a login at the dashboard was refused");
    public static readonly AuditEvent LockedOut = new(8103, nameof(LockedOut), "logins of an address failed so often that it has to wait");
    public static readonly AuditEvent LoggedOut = new(8104, nameof(LoggedOut), "a person logged out of the dashboard");

    public static readonly AuditEvent JobTriggered = new(
        8201,
        nameof(JobTriggered),
        "a job run, of all or of selected mailboxes, was started for the service (`jobs trigger`, page)"
    );
    public static readonly AuditEvent JobRetried = new(
        8202,
        nameof(JobRetried),
        "a job run of the mailboxes that were not complete was started (`jobs trigger --failed`, page)"
    );
    public static readonly AuditEvent JobPaused = new(8203, nameof(JobPaused), "a job was paused");
    public static readonly AuditEvent JobResumed = new(8204, nameof(JobResumed), "a paused job was resumed");
    public static readonly AuditEvent JobCancelled = new(8205, nameof(JobCancelled), "runs of a job or of a mailbox were cancelled");
    public static readonly AuditEvent JobForgotten = new(
        8206,
        nameof(JobForgotten),
        "mailboxes that no job file names were removed from the status"
    );
    public static readonly AuditEvent JobRun = new(8207, nameof(JobRun), "`run`");
    public static readonly AuditEvent MailboxesSwitched = new(8214, nameof(MailboxesSwitched), "`cutover`, but for `--dry-run`");
    public static readonly AuditEvent MailboxCopied = new(8208, nameof(MailboxCopied), "`copy`");
    public static readonly AuditEvent JobUndone = new(8213, nameof(JobUndone), "`undo`, but for `--dry-run`");
    public static readonly AuditEvent NotificationTested = new(8209, nameof(NotificationTested), "`notify test`");
    public static readonly AuditEvent AccessStored = new(8211, nameof(AccessStored), "`login`");
    public static readonly AuditEvent AccessRevoked = new(8212, nameof(AccessRevoked), "`login revoke`");
    public static readonly AuditEvent HistoryPurged = new(
        8210,
        nameof(HistoryPurged),
        "the service removed job runs and reports that are older than `Worker:KeepHistory`"
    );

    public static readonly AuditEvent ArchiveMade = new(8301, nameof(ArchiveMade), "`archive init`");
    public static readonly AuditEvent ArchivePruned = new(8302, nameof(ArchivePruned), "`archive prune`, and the prune of an upkeep");
    public static readonly AuditEvent ArchiveRepaired = new(8303, nameof(ArchiveRepaired), "`archive repair`");
    public static readonly AuditEvent ShrunkAccepted = new(8304, nameof(ShrunkAccepted), "`archive accept-shrunk`");
    public static readonly AuditEvent KeyAdded = new(8305, nameof(KeyAdded), "`archive key add`");
    public static readonly AuditEvent KeyChanged = new(8306, nameof(KeyChanged), "`archive key change`");
    public static readonly AuditEvent KeyRemoved = new(8307, nameof(KeyRemoved), "`archive key remove`");
    public static readonly AuditEvent KeyRotated = new(8308, nameof(KeyRotated), "`archive key rotate`");
    public static readonly AuditEvent ControlStoreCreated = new(8309, nameof(ControlStoreCreated), "`archive control-store`");
    public static readonly AuditEvent Rehydrated = new(8310, nameof(Rehydrated), "`archive rehydrate`");
    public static readonly AuditEvent UpkeepRun = new(8311, nameof(UpkeepRun), "`archive upkeep`");

    public static readonly AuditEvent MailRestored = new(8401, nameof(MailRestored), "`restore`");
    public static readonly AuditEvent MailExported = new(8402, nameof(MailExported), "`export`");
    public static readonly AuditEvent MailImported = new(8403, nameof(MailImported), "`import`");
    public static readonly AuditEvent CertificateCreated = new(8405, nameof(CertificateCreated), "`certificate create`");
    public static readonly AuditEvent MailShown = new(8404, nameof(MailShown), "`archive cat`");

    /// <summary>Every event there is.</summary>
    public static IReadOnlyList<AuditEvent> All { get; } =
    [
        .. typeof(AuditEvent)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(AuditEvent))
            .Select(field => (AuditEvent)field.GetValue(null)!)
            .OrderBy(known => known.Id),
    ];
}
