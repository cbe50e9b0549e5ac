using Migrator.Core.Jobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>How a run ended. Every message found is counted in exactly one place, folder by folder.</summary>
/// <param name="Notices">What a person should know although nothing failed: a folder that got another name, a folder
/// that was recreated.</param>
public sealed record RunReport(
    string Job,
    string Source,
    string Target,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    RunOutcome Outcome,
    IReadOnlyList<FolderReport> Folders,
    IReadOnlyList<MessageFailure> Failures,
    IReadOnlyList<Difference> Differences,
    IReadOnlyList<string> Notices,
    Failure? Stopped)
{
    public Operation Operation { get; init; }

    /// <summary>What is wrong although no message of this run failed: a mailbox that lost most of its messages, an archive that is damaged. With one of them, no
    /// run is complete.</summary>
    public IReadOnlyList<Failure> Problems { get; init; } = [];

    /// <summary>What upkeep found and did; null for other runs.</summary>
    public UpkeepResult? Upkeep { get; init; }

    /// <summary>How many differences there are of each kind. <see cref="Differences"/> lists so many of each only.</summary>
    public IReadOnlyDictionary<DifferenceKind, long> DifferenceCounts
    {
        get => field ?? Differences.CountBy(difference => difference.Kind).ToDictionary(count => count.Key, count => (long)count.Value);
        init;
    }
    /// <summary>Messages that were deleted at the source (POP3) once their stored copies were read back.</summary>
    public long RemovedAtSource { get; init; }

    /// <summary>The source was asked to delete messages and did not confirm it: it may have deleted them.</summary>
    public bool RemovalUnconfirmed { get; init; }

    /// <summary>Messages at the source (POP3) that are not those that were stored under their ids, and are not fetched yet.</summary>
    public long ReplacedAtSource { get; init; }

    /// <summary>The same with what was deleted at the source after the run.</summary>
    internal RunReport With(RemovalResult removal) => this with
    {
        RemovedAtSource = removal.Removed,
        RemovalUnconfirmed = removal.Unconfirmed,
        ReplacedAtSource = removal.Replaced,
        Outcome = removal.Replaced > 0 && Outcome == RunOutcome.Complete ? RunOutcome.Partial : Outcome,
    };

    public MessageCounts Total => Folders.Aggregate(new MessageCounts(), (sum, folder) => sum + folder.Counts);
}

/// <summary>What a run did with the messages that it "delivered".</summary>
public enum Operation
{
    /// <summary>Appended to a mailbox.</summary>
    Copy,

    /// <summary>Stored in an archive.</summary>
    Backup,

    /// <summary>Written to files.</summary>
    Export,

    /// <summary>Read from an archive to prove that it can be restored; the "folders" are mailboxes.</summary>
    Upkeep,
}

public enum RunOutcome
{
    /// <summary>Every message found is at the target, or left out by rule.</summary>
    Complete,

    /// <summary>Some messages or folders failed or remain, or are at the target with other octets; the rest is there.</summary>
    Partial,

    /// <summary>Stopped by the user before the end.</summary>
    Interrupted,

    /// <summary>Stopped by <see cref="RunReport.Stopped"/> before the end.</summary>
    Aborted,
}

/// <param name="Target">Null for a folder left out by rule.</param>
/// <param name="Failure">Why the folder as a whole failed; null where it did not.</param>
public sealed record FolderReport(FolderPath Source, FolderPath? Target, MessageCounts Counts, Failure? Failure);

/// <summary>Found = Delivered + AlreadyThere + Vanished + Skipped + Failed + Remaining.</summary>
/// <param name="Found">Messages that the source listed during this run.</param>
/// <param name="Delivered">Appended to the target in this run.</param>
/// <param name="AlreadyThere">In the target before: delivered by an earlier run, or found there by content.</param>
/// <param name="Vanished">Removed by somebody: at the source between listing and fetching, or at the target after an earlier run
/// delivered it.</param>
/// <param name="Skipped">Left out by rule.</param>
/// <param name="Failed">Not at the target, each with a reason.</param>
/// <param name="Remaining">Not dealt with because the run, or the folder, was stopped or given up.</param>
/// <param name="DeliveredOctets">Octets of the messages delivered.</param>
public readonly record struct MessageCounts(
    long Found, long Delivered, long AlreadyThere, long Vanished, long Skipped, long Failed, long Remaining, long DeliveredOctets)
{
    public static MessageCounts operator +(MessageCounts a, MessageCounts b) => new(
        a.Found + b.Found, a.Delivered + b.Delivered, a.AlreadyThere + b.AlreadyThere, a.Vanished + b.Vanished,
        a.Skipped + b.Skipped, a.Failed + b.Failed, a.Remaining + b.Remaining, a.DeliveredOctets + b.DeliveredOctets);

    public bool AddsUp => Found == Delivered + AlreadyThere + Vanished + Skipped + Failed + Remaining;
}

/// <param name="Code">The code of a <see cref="Reason"/>.</param>
/// <param name="Detail">What happened, often in the server's own words.</param>
/// <param name="Hint">What to do.</param>
public sealed record Failure(string Code, string Detail, string Hint)
{
    // All three, so that they keep their order where they are written.
    public string Code { get; init; } = Code;

    // The one place that every failure passes on its way to a report, a store or a message to somebody.
    public string Detail { get; init; } = Secrets.Redact(Detail);

    public string Hint { get; init; } = Hint;
}

/// <param name="Subject">Null where the message has none or it could not be read.</param>
public sealed record MessageFailure(FolderPath Folder, uint Uid, string? Subject, long Size, Failure Failure)
{
    /// <summary>The file that the message is in, of an import: its UID is only a number in a row. Null elsewhere.</summary>
    public string? File { get; init; }
}

/// <summary>A message is at the target, but not as it is at the source.</summary>
/// <param name="Kind">What differs.</param>
/// <param name="Expected">What the source has.</param>
/// <param name="Actual">What the target has.</param>
public sealed record Difference(DifferenceKind Kind, FolderPath Folder, uint? Uid, FolderPath TargetFolder, uint? TargetUid, string Expected, string Actual, string? Subject = null)
{
    /// <inheritdoc cref="MessageFailure.File"/>
    public string? File { get; init; }
}

public enum DifferenceKind
{
    /// <summary>At the source, not at the target.</summary>
    Missing,

    /// <summary>At the target, not at the source.</summary>
    Extra,

    /// <summary>Other octets.</summary>
    Content,
    Flags,
    InternalDate,

    /// <summary>The folder itself is missing at the target.</summary>
    Folder,

    /// <summary>At the target once more than it was sent: an interrupted session's bytes arrived late.</summary>
    Duplicate,
}
