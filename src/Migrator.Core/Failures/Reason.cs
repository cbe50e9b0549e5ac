using System.Reflection;

namespace Migrator.Core.Failures;

/// <summary>Why something failed: a stable code for reports and scripts, how far it reaches, and what a person can do, whatever was being
/// done; <see cref="Hints"/> knows better where that matters. Codes are never renamed or given another meaning.</summary>
public sealed partial record Reason(string Code, FailureScope Scope, string Hint)
{
    /// <summary>Where the cause is to be looked for; decides the exit code.</summary>
    public FailureCategory Category { get; init; } = FailureCategory.Data;

    /// <summary>Time may remove the cause: a service tries again. Not so a refused login: accounts are locked by trying again. But a server
    /// that answered with something else, or not at all: most often its settings are wrong, but so does a load balancer whose servers are
    /// being restarted.</summary>
    public bool IsTransient { get; init; }

    public static readonly Reason HostUnknown = new(
        "host-unknown",
        FailureScope.Server,
        "Check the spelling of the host name, and that this machine's DNS knows it."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason ConnectionRefused = new(
        "connection-refused",
        FailureScope.Server,
        "Check host and port, and that no firewall is in the way. IMAP listens on 993 (implicit TLS) or 143 (STARTTLS), POP3 on 995 or 110."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason TlsUntrusted = new(
        "tls-untrusted",
        FailureScope.Server,
        "If this certificate is the right one, pin it (certificate.fingerprint in a job file, ?fingerprint= in a URL) or name "
            + "the authority that issued it (certificate.caFile, ?ca=)."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason TlsMode = new(
        "tls-mode",
        FailureScope.Server,
        "Ports 993 and 995 require tls \"implicit\" (imaps://, pop3s://), ports 143 and 110 require tls \"starttls\" (imap://, "
            + "pop3://). Plaintext requires tls \"none\"."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason AuthenticationFailed = new(
        "authentication-failed",
        FailureScope.Server,
        "Check user and password. Some providers require an app password, or IMAP or POP3 enabled for the account. If they are "
            + "right, try another \"auth\", such as \"plain\"."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason LoginMethodFailed = new(
        "login-method-failed",
        FailureScope.Server,
        "The server offers this way to log in but failed at it. Set \"auth\" to another way for this server: \"plain\", "
            + "\"login\", \"cram-md5\", \"scram-sha-1\" or \"scram-sha-256\"."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason LoginUnsupported = new(
        "login-unsupported",
        FailureScope.Server,
        "The server does not offer this way to log in. Leave \"auth\" out to let Migrator choose."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ConnectionLost = new(
        "connection-lost",
        FailureScope.Session,
        "Run again: what was delivered stays delivered, and the run resumes from there."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason AnswerTooLong = new(
        "answer-too-long",
        FailureScope.Server,
        "No mail server sends so much in answer to one command: this one is broken, or is not a mail server. Check host and port. "
            + "The limits "
            + "are in docs/security.md."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ServerBusy = new("server-busy", FailureScope.Session, "The server asked for a pause. Run again later.")
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason DailyLimit = new(
        "daily-limit",
        FailureScope.Server,
        "Run again later: enough of the limit is free then. A service, and run, copy, restore and import of one mailbox, wait and continue "
            + "automatically. The limit is in the job file (\"limits\"), or that of the provider (\"migrator providers\")."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason MoreMailFollows = new(
        "more-mail-follows",
        FailureScope.Mailbox,
        "Run again: the server lists the next part of the mailbox once this one is stored. A service, and run and copy of one mailbox, "
            + "continue automatically. IMAP lists all of it at once."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason TemporaryFailure = new(
        "temporary-failure",
        FailureScope.Session,
        "The server failed for now, each time it was tried. Run again later."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason MailboxLocked = new(
        "mailbox-locked",
        FailureScope.Session,
        "Another program is reading this mailbox, and POP3 allows one session at a time. Stop what fetches from it, or wait some "
            + "minutes, then run again."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason FolderMissing = new(
        "folder-missing",
        FailureScope.Folder,
        "The folder was removed or renamed meanwhile. Run again."
    );

    public static readonly Reason FolderRecreated = new(
        "folder-recreated",
        FailureScope.Folder,
        "Run again: what is at the target already is recognized by its content."
    );

    public static readonly Reason DeletionsHeld = new(
        "deletions-held",
        FailureScope.Folder,
        "Look at the source. If these messages are meant to be deleted, run once with --allow-deletions. If not, restore them there: "
            + "nothing was removed from the target. The limits are in the job file (\"follow.limit\")."
    );

    public static readonly Reason FollowUnsupported = new(
        "follow-unsupported",
        FailureScope.Mailbox,
        "Remove \"follow\" from the job, or delete these messages at the target yourself. Everything else of the run is as without it."
    );

    public static readonly Reason CutoverRefused = new(
        "cutover-refused",
        FailureScope.Mailbox,
        "Do what the detail says, then run \"migrator cutover JOB\" again. Until then, runs of the job follow the source as before."
    );

    public static readonly Reason SweepOver = new(
        "sweep-over",
        FailureScope.Mailbox,
        "Remove the mailbox from the job, or the job from its schedule. To bring what has arrived at the source since, run "
            + "\"migrator cutover JOB\" again; to follow the source as before the switch, \"migrator run JOB --again\"."
    );

    public static readonly Reason PlanDrifted = new(
        "plan-drifted",
        FailureScope.Folder,
        "Make a new plan with \"migrator plan\", read it and run that. If only mail has arrived, a larger --drift accepts it. The other "
            + "folders of the plan were copied."
    );

    public static readonly Reason Undone = new(
        "undone",
        FailureScope.Mailbox,
        "To migrate this mailbox after all, run \"migrator run JOB --again\": it begins afresh, and what is at the target already is "
            + "recognized by its content. Otherwise remove the mailbox from the job, or the job from its schedule."
    );

    public static readonly Reason UndoRefused = new(
        "undo-refused",
        FailureScope.Server,
        "Do what the detail says, then run \"migrator undo JOB\" again."
    );

    public static readonly Reason NotTakenBack = new(
        "not-taken-back",
        FailureScope.Folder,
        "Look at the folder with a mail program: what was delivered to it stays until somebody moves or removes it there."
    );

    public static readonly Reason ListingIncomplete = new(
        "listing-incomplete",
        FailureScope.Folder,
        "The server hides part of this folder, so nothing was treated as deleted. Run again; if it persists, ask the operator of the "
            + "server to lift its limit on listed messages or to rebuild the folder's index."
    );

    public static readonly Reason FolderViewLimited = new(
        "folder-view-limited",
        FailureScope.Folder,
        "Yahoo and AOL: read from their export server, which shows all messages (host export.imap.mail.yahoo.com or "
            + "export.imap.aol.com). Or move a part of the messages to another folder first. If the folder has exactly so many "
            + "messages, nothing is missing. A target folder: copy into a new one instead."
    );

    public static readonly Reason FolderShowsLess = new(
        "folder-shows-less",
        FailureScope.Folder,
        "Gmail: Settings, Labels: Show in IMAP, for each label that is named; and Forwarding and POP/IMAP, Folder size limits: do not "
            + "limit the number of messages in an IMAP folder. Then run again, and each message is copied to its folder as well."
    );

    public static readonly Reason AllMailHidden = new(
        "all-mail-hidden",
        FailureScope.Mailbox,
        "Gmail: Settings, Labels: show All Mail in IMAP. Without it, archived messages without a label cannot be read. Then run again."
    );

    public static readonly Reason FolderUnreadable = new(
        "folder-unreadable",
        FailureScope.Folder,
        "The folder cannot be read; see the details. Other folders are not affected."
    );

    public static readonly Reason FolderRefused = new(
        "folder-refused",
        FailureScope.Folder,
        "The target does not accept this folder; see its response in the details. Other folders are not affected."
    );

    public static readonly Reason SearchRefused = new(
        "search-refused",
        FailureScope.Folder,
        "The source does not search as the job asks (\"messages.search\"); see its response in the details. Correct the search key, or "
            + "choose messages by other rules. Until then, nothing of this folder is copied, because nobody knows what is to be."
    );

    public static readonly Reason FolderReadOnly = new(
        "folder-read-only",
        FailureScope.Folder,
        "The target user may not add mail to this folder. Grant the right to insert there (ACL)."
    );

    public static readonly Reason OverQuota = new(
        "over-quota",
        FailureScope.Mailbox,
        "The target is full. Make room there, then run again: only what is missing is sent."
    );

    public static readonly Reason TooLarge = new(
        "too-large",
        FailureScope.Message,
        "The message is larger than the target accepts. Raise the limit there, then run again."
    );

    public static readonly Reason LineTooLong = new(
        "line-too-long",
        FailureScope.Message,
        "Exchange takes no line this long, and no setting of it changes that. The message is still at the source: keep it in an archive "
            + "(\"migrator export\" makes a file of it)."
    );

    public static readonly Reason AppendRefused = new(
        "append-refused",
        FailureScope.Message,
        "The target does not accept this message; see its response in the details. The message is still at the source."
    );

    public static readonly Reason AppendLost = new(
        "append-lost",
        FailureScope.Message,
        "The target closed the connection each time this message was sent. The message is still at the source."
    );

    public static readonly Reason MergedByTarget = new(
        "merged-by-target",
        FailureScope.Message,
        "The target keeps only one of several messages that it considers the same. The message is still at the source. If one "
            + "copy of identical messages is enough, set \"acceptMerged\" in the job."
    );

    public static readonly Reason MailRefused = new(
        "mail-refused",
        FailureScope.Message,
        "The mail server does not accept a notification; see its response in the details. Check \"Notify:Mail\" in the "
            + "settings and \"notify\" in the job file, then try \"migrator notify test\"."
    );

    public static readonly Reason SourceUnreadable = new(
        "source-unreadable",
        FailureScope.Message,
        "The source lists this message but fails to return it; see the details. Other messages are not affected."
    );

    public static readonly Reason DeletionRefused = new(
        "removal-refused",
        FailureScope.Mailbox,
        "The source refuses to delete its messages; they are still there. See the details."
    );

    public static readonly Reason NotConfirmed = new(
        "not-confirmed",
        FailureScope.Message,
        "The target confirmed the message but does not list it. Run again."
    );

    public static readonly Reason SpoolFailed = new(
        "spool-failed",
        FailureScope.Server,
        "Free space on that disk, or choose another state directory with --state."
    )
    {
        IsTransient = true,
    };

    public static readonly Reason CheckpointFailed = new(
        "checkpoint-failed",
        FailureScope.Server,
        "Fix the problem described above, then run again: what was delivered is recorded, or is recognized by its content."
    )
    {
        Category = FailureCategory.Configuration,
        IsTransient = true,
    };

    public static readonly Reason BlobMissing = new(
        "blob-missing",
        FailureScope.Server,
        "Part of the archive is gone. Run \"migrator archive check\" to see what it contained, and \"migrator archive repair\" to "
            + "fetch it again."
    );

    public static readonly Reason BlobOffline = new(
        "blob-offline",
        FailureScope.Message,
        "\"migrator archive rehydrate\" asks Azure to bring back what a snapshot needs, and says what that costs: up to 15 "
            + "hours with standard priority, often less than one with --priority high. Then run again."
    );

    public static readonly Reason ArchiveDamaged = new(
        "archive-damaged",
        FailureScope.Server,
        "Run \"migrator archive check --read-data\" to see what is affected, then \"migrator archive repair\"."
    );

    public static readonly Reason ArchiveMissing = new(
        "archive-missing",
        FailureScope.Server,
        "Check the location, and that its disk is mounted. A new archive is created with \"migrator archive init\"."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason ArchiveExists = new(
        "archive-exists",
        FailureScope.Server,
        "Choose another location, or use the archive that is there."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason ArchiveVersion = new(
        "archive-version",
        FailureScope.Server,
        "Use a version of Migrator that knows this format."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason ArchiveKey = new(
        "archive-key",
        FailureScope.Server,
        "Give the key that the archive was created with: passphrase, keyFile or keyVault in the job file, or --passphrase, "
            + "--key-file, --key-vault or --recovery-key. Nothing can be read without it."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason ArchiveNotEncrypted = new(
        "archive-not-encrypted",
        FailureScope.Server,
        "It needs no key. An existing archive cannot be encrypted: create another one with a key, and run the job into it. See \"migrator "
            + "archive init --help\"."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason ArchiveKeyRemoval = new(
        "archive-key-removal",
        FailureScope.Server,
        "Take the id of the key from \"migrator archive key list\". The last key cannot be removed; to replace it, use \"migrator archive "
            + "key change\"."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason ArchiveSuspect = new(
        "archive-suspect",
        FailureScope.Server,
        "Somebody or something has changed the archive's own records; nothing was read or written. Compare them with a copy of "
            + "the archive, and check who can write to the store."
    );

    public static readonly Reason ArchiveSetBack = new(
        "archive-set-back",
        FailureScope.Server,
        "Check who can write to the store. If a copy was restored on purpose, \"migrator archive prune --accept-set-back\" "
            + "accepts it as it is; so does the next backup of the mailbox."
    );

    public static readonly Reason MailboxShrunk = new(
        "mailbox-shrunk",
        FailureScope.Mailbox,
        "Check the mailbox: was mail deleted by mistake, or by somebody who should not have access? Restore it from the earlier "
            + "snapshot. If the loss is intended, \"migrator archive accept-shrunk\" lets prune continue."
    );

    public static readonly Reason NotRestorable = new(
        "not-restorable",
        FailureScope.Mailbox,
        "Run \"migrator archive check --read-data\" to see what is affected, then \"migrator archive repair\" with the job "
            + "file: what the mailbox still has is fetched again."
    );

    public static readonly Reason ArchiveControlStore = new(
        "archive-control-store",
        FailureScope.Server,
        "Give the location that the archive was created with: archive.controlStore in the job file, or --control-store; "
            + "with a SAS for one container, also archive.controlStoreSas, or --control-store-sas. "
            + "If that location is lost and nothing uses the archive, \"migrator archive control-store\" creates a new one."
    );

    public static readonly Reason ArchiveInUse = new(
        "archive-in-use",
        FailureScope.Server,
        "Wait until the other one has ended, then run again. If it died, its lease expires automatically within two minutes."
    )
    {
        Category = FailureCategory.Configuration,
        IsTransient = true,
    };

    public static readonly Reason SnapshotMissing = new(
        "snapshot-missing",
        FailureScope.Server,
        "\"migrator archive snapshots\" lists what there is."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason MessageMissing = new(
        "message-missing",
        FailureScope.Server,
        "\"migrator archive find\" shows the ids of messages and the mailboxes that they are in."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason BlobImmutable = new(
        "blob-immutable",
        FailureScope.Server,
        "The store keeps it until its immutability policy or legal hold ends. Run again after that."
    );

    public static readonly Reason StoreUnreachable = new(
        "store-unreachable",
        FailureScope.Server,
        "Check the address of the archive's store, and that this machine can reach it. Run again: what was stored stays stored."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason AccessDenied = new(
        "access-denied",
        FailureScope.Server,
        "Check the rights on the folder, or the credentials for the container: reading needs read and list, backups write too "
            + "(and delete in the control store), prune and repair delete. The details say what is missing."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ContainerMissing = new(
        "container-missing",
        FailureScope.Server,
        "Check the name. If it is right, create the container (\"az storage container create\"); \"migrator archive init\" does, too, "
            + "with credentials that allow it. If it was the control store of an archive, \"migrator archive control-store\" recreates it; "
            + "to read without it, give an empty directory with --control-store."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason StoreFull = new(
        "store-full",
        FailureScope.Server,
        "Make room in the archive's store, then run again: what was stored stays stored."
    )
    {
        IsTransient = true,
    };

    public static readonly Reason AuditUnwritable = new(
        "audit-unwritable",
        FailureScope.Server,
        "Make room on the disk of the state directory, or correct who may write there: the service and all commands must run as "
            + "one user. Then do it again: nothing was done. Commands that only read still work."
    )
    {
        Category = FailureCategory.Configuration,
        IsTransient = true,
    };

    public static readonly Reason VaultUnreachable = new(
        "vault-unreachable",
        FailureScope.Server,
        "Check the vault's address (KeyVault:Uri in the settings, keyVault of an archive), and that this machine can reach it "
            + "(name, proxy, firewall). Then start again: nothing was started."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason VaultRefused = new(
        "vault-refused",
        FailureScope.Server,
        "Give this machine's identity (managed identity, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or \"az "
            + "login\") the role \"Key Vault Secrets User\" on the vault, and let this machine through the vault's firewall."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason VaultKeyRefused = new(
        "vault-key-refused",
        FailureScope.Server,
        "Give this machine's identity (managed identity, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or \"az "
            + "login\") the role \"Key Vault Crypto User\" on the key; in a vault with access policies, the key permissions Wrap Key "
            + "and Unwrap Key. Let this machine through the vault's firewall."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason VaultKeyUnusable = new(
        "vault-key-unusable",
        FailureScope.Server,
        "Bring the key back: \"az keyvault key recover\" if it was deleted, \"az keyvault key set-attributes --enabled true\" "
            + "if it is disabled; a version must stay as long as an archive names it. Else open the archive with another of its "
            + "keys, such as --recovery-key."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ExportTarget = new(
        "export-target",
        FailureScope.Server,
        "Give a directory that is empty or does not exist yet, where you may write, on a disk with room for all the mail."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason ExportUnfinished = new(
        "export-unfinished",
        FailureScope.Server,
        "Export again into an empty directory. To import what is there as it is, remove migrator-export.unfinished."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason FilesUnreadable = new(
        "files-unreadable",
        FailureScope.Server,
        "Check the path, the rights on it, and that the format (mbox, maildir, eml) is the one that the files have."
    );

    public static readonly Reason FolderFilesUnreadable = new(
        "folder-files-unreadable",
        FailureScope.Folder,
        "Check the rights on the file, and that no program writes to it; then import again."
    );

    public static readonly Reason FileUnreadable = new(
        "file-unreadable",
        FailureScope.Message,
        "The detail names the file and what is wrong with it. Repair or convert it, then import again: only what is missing is imported."
    );

    public static readonly Reason NothingToImport = new(
        "nothing-to-import",
        FailureScope.Server,
        "Check the path, and that the format is the one that the files have: mbox (Thunderbird, Takeout), maildir (Dovecot, "
            + "Courier) or eml (single files)."
    );

    public static readonly Reason LeaseLost = new(
        "lease-lost",
        FailureScope.Server,
        "Another worker has taken over this mailbox and resumes from the last checkpoint. No action needed; if this happens often, "
            + "find out why this worker stalled."
    )
    {
        Category = FailureCategory.Configuration,
        IsTransient = true,
    };

    public static readonly Reason MailboxBusy = new(
        "mailbox-busy",
        FailureScope.Mailbox,
        "Run again once the other run has ended. A service does so automatically."
    )
    {
        Category = FailureCategory.Configuration,
        IsTransient = true,
    };

    public static readonly Reason MailboxGone = new("mailbox-gone", FailureScope.Mailbox, "No action needed.");

    public static readonly Reason FoldersDoNotFit = new("folders-do-not-fit", FailureScope.Mailbox, "Change the job's folder rules.")
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason ConfigurationInvalid = new(
        "configuration-invalid",
        FailureScope.Server,
        "Fix the problem described above, then run again."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason SecretMissing = new(
        "secret-missing",
        FailureScope.Server,
        "Store it where the job refers to, readable by the user that the service runs as."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason RunStoreFailed = new(
        "run-store-failed",
        FailureScope.Server,
        "Check the database, or the disk of the state directory, then try again. Running mailboxes continue."
    )
    {
        Category = FailureCategory.Configuration,
        IsTransient = true,
    };

    public static readonly Reason Interrupted = new("interrupted", FailureScope.Server, "Run again to resume.");

    public static readonly Reason NotComplete = new("not-complete", FailureScope.Mailbox, "The report names them.");

    public static readonly Reason WorkersDied = new(
        "workers-died",
        FailureScope.Server,
        "It is not assigned to another worker, which might die of it too. Check the last log entries of the workers and their "
            + "memory; then retry this mailbox."
    );

    public static readonly Reason InvalidMailbox = new(
        "invalid-mailbox",
        FailureScope.Server,
        "Fix this mailbox's row; the worker detects the change automatically. Other mailboxes are not affected."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason Fault = new(
        "internal-error",
        FailureScope.Server,
        "This is an internal error in Migrator; your mail is not affected. What was delivered stays delivered; running again is safe. "
            + "Please "
            + "report it with the log."
    )
    {
        Category = FailureCategory.Internal,
    };

    /// <summary>Every reason there is: for documentation and for reading codes back. Found by looking, so that none is forgotten.</summary>
    public static IReadOnlyList<Reason> All => s_all.Value;

    // Not before it is asked for: which part of the class is initialized first, nobody knows.
    private static readonly Lazy<IReadOnlyList<Reason>> s_all = new(() =>
        [
            .. typeof(Reason)
                .GetFields(BindingFlags.Public | BindingFlags.Static)
                .Where(field => field.FieldType == typeof(Reason))
                .Select(field => (Reason)field.GetValue(null)!),
        ]
    );

    private static readonly Lazy<Dictionary<string, Reason>> s_byCode = new(() => All.ToDictionary(reason => reason.Code));

    /// <returns>Null where no reason has this code.</returns>
    public static Reason? Find(string code) => s_byCode.Value.GetValueOrDefault(code);
}
