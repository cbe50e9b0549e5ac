using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Plans;
using Migrator.Core.Selection;

namespace Migrator.Core.Jobs;

/// <summary>What is to be done, as a job file or a command line says it.</summary>
/// <param name="Name">Names the job in output and reports; the file's name where the file does not say.</param>
public abstract record Job(string Name)
{
    /// <summary>What its runs are, for hints.</summary>
    public abstract Purpose Purpose { get; }
}

/// <summary>Reads a mailbox.</summary>
public abstract record MailboxJob(
    string Name,
    MailServer Source,
    FolderRules Folders,
    RunOptions Options,
    SourceDeletionPolicy SourceDeletionPolicy
) : Job(Name)
{
    /// <summary>Whether mail of others may go to the same target.</summary>
    public bool AllowSharedTarget { get; init; }

    public override Purpose Purpose =>
        Source.Protocol == MailProtocol.Pop3 ? Purpose.Pop3
        : this is BackupJob ? Purpose.Backup
        : Purpose.Copy;
}

/// <summary>Brings a mailbox to another server.</summary>
public sealed record MigrateJob(
    string Name,
    MailServer Source,
    MailServer Target,
    FolderRules Folders,
    RunOptions Options,
    SourceDeletionPolicy SourceDeletionPolicy
) : MailboxJob(Name, Source, Folders, Options, SourceDeletionPolicy)
{
    /// <summary>Which messages of these folders.</summary>
    public MessageRules Messages { get; init; } = MessageRules.All;

    /// <summary>How the target follows what is moved and deleted at the source; null where it does not.</summary>
    public FollowRules? Follow { get; init; }

    /// <summary>What a run may do; null for all that is to be done.</summary>
    public AppliedPlan? Plan { get; init; }

    public Transfer Transfer =>
        new(Name, Source.Account, Target.Account, Folders, Options)
        {
            Purpose = Purpose,
            Messages = Messages,
            Follow = Follow,
            Plan = Plan,
        };
}

/// <summary>Keeps a mailbox in an archive.</summary>
public sealed record BackupJob(
    string Name,
    MailServer Source,
    ArchiveReference Archive,
    FolderRules Folders,
    RunOptions Options,
    SourceDeletionPolicy SourceDeletionPolicy
) : MailboxJob(Name, Source, Folders, Options, SourceDeletionPolicy)
{
    /// <summary>What the mailbox is called in the archive. With a name of its own, another host or port continues with the same
    /// snapshots.</summary>
    public string Mailbox
    {
        get => field ?? Source.Account;
        init;
    }

    /// <summary>When a loss of messages is reported.</summary>
    public ShrunkRule Shrunk { get; init; } = ShrunkRule.Default;
}

/// <summary>Prunes and checks an archive, and tests that it can be restored.</summary>
public sealed record UpkeepJob(string Name, ArchiveReference Archive, UpkeepRules Rules) : Job(Name)
{
    public override Purpose Purpose => Purpose.Archive;
}
