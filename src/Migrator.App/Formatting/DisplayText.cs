using Migrator.App.Execution;
using Migrator.Core.Failures;
using Migrator.Core.Following;
using Migrator.Core.JobRuns;
using Migrator.Core.Reports;

namespace Migrator.App.Formatting;

/// <summary>Small phrases that terminal and page share.</summary>
public static class DisplayText
{
    /// <summary>The kinds in the order in which a reader should see them.</summary>
    public static readonly IReadOnlyList<DifferenceKind> Kinds =
    [
        DifferenceKind.Folder,
        DifferenceKind.Missing,
        DifferenceKind.Trashed,
        DifferenceKind.Content,
        DifferenceKind.Duplicate,
        DifferenceKind.Flags,
        DifferenceKind.InternalDate,
        DifferenceKind.Kept,
        DifferenceKind.Extra,
    ];

    public static string Title(DifferenceKind kind) =>
        kind switch
        {
            DifferenceKind.Folder => "Folders missing at the target",
            DifferenceKind.Missing => "Messages missing at the target",
            DifferenceKind.Trashed => "Messages in the trash of the target",
            DifferenceKind.Content => "Messages altered",
            DifferenceKind.Duplicate => "Messages that arrived twice",
            DifferenceKind.Flags => "Messages with other flags",
            DifferenceKind.InternalDate => "Messages with another date",
            DifferenceKind.Kept => "Messages deleted or moved at the source, and kept at the target",
            DifferenceKind.Extra => "Messages at the target only (not an error)",
            _ => kind.ToString(),
        };

    /// <summary>Names the kind, in JSON too.</summary>
    public static string Code(DifferenceKind kind) => char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..];

    /// <summary>"3 messages are missing at the target."</summary>
    public static string Counted(DifferenceKind kind, long count)
    {
        var (one, many) = kind switch
        {
            DifferenceKind.Folder => ("folder is missing at the target", "folders are missing at the target"),
            DifferenceKind.Missing => ("message is missing at the target", "messages are missing at the target"),
            DifferenceKind.Trashed => ("message is in the trash of the target", "messages are in the trash of the target"),
            DifferenceKind.Content => ("message was altered by the target", "messages were altered by the target"),
            DifferenceKind.Duplicate => ("message arrived twice", "messages arrived twice"),
            DifferenceKind.Flags => ("message has other flags", "messages have other flags"),
            DifferenceKind.InternalDate => ("message has another date", "messages have another date"),
            DifferenceKind.Kept => (
                "message is kept at the target although it was deleted or moved at the source",
                "messages are kept at the target although they were deleted or moved at the source"
            ),
            _ => ("message exists only at the target", "messages exist only at the target"),
        };
        return $"{Format.Count(count, one, many)}.";
    }

    public static string NextStep(DifferenceKind kind) =>
        kind switch
        {
            DifferenceKind.Folder or DifferenceKind.Missing => "Run the job again: it copies what is missing. Then verify again.",
            DifferenceKind.Trashed =>
                "The target deletes them soon. Move them from Trash and Spam to another folder there, then run the job and verify again.",
            DifferenceKind.Content =>
                "Compare one of these messages at source and target in a mail client. If it can be read, the target only stores it in "
                    + "another form.",
            DifferenceKind.Duplicate =>
                "Remove the second copies: run again with --remove-late-duplicates, or delete them in a mail client.",
            DifferenceKind.Flags => "Run the job again: it copies changed flags. If they still differ, the target does not keep them.",
            DifferenceKind.InternalDate =>
                "The target did not keep the date of arrival. The Date header of the messages is unchanged; no action is "
                    + "needed if that suffices.",
            DifferenceKind.Kept =>
                "Somebody has changed these copies at the target, so they stay. Delete them there if they are not needed: later runs leave "
                    + "them alone.",
            _ => "No action needed.",
        };

    /// <summary>"12 by tolerated rewrites: 10 headers added, 2 line ends".</summary>
    public static string Tolerated(RewriteCounts counts) =>
        $"{Format.Count(counts.Messages)} by tolerated rewrites: "
        + string.Join(
            ", ",
            new (Rewrite What, long Count)[]
            {
                (Rewrite.HeadersAdded, counts.HeadersAdded),
                (Rewrite.LineEnds, counts.LineEnds),
                (Rewrite.DatesByHeader, counts.DatesByHeader),
            }
                .Where(rewrite => rewrite.Count > 0)
                .Select(rewrite => $"{Format.Count(rewrite.Count)} {Of(rewrite.What)}")
        );

    public static string Of(Rewrite rewrite) =>
        rewrite switch
        {
            Rewrite.HeadersAdded => "headers added",
            Rewrite.LineEnds => "line ends",
            _ => "dates by header",
        };

    public static string Of(MatchedBy matched) =>
        matched switch
        {
            MatchedBy.Content => "content",
            MatchedBy.CanonicalHash => "content but for line ends",
            _ => "header fields and body",
        };

    /// <summary>Title of the list of messages that are accepted as they are.</summary>
    public const string ToleratedTitle = "Messages by tolerated rewrites";

    /// <summary>"ann at mail.example" for <c>imap://ann@mail.example:993</c>; a port that is not IMAP's is shown.</summary>
    public static string Account(string account) =>
        Uri.TryCreate(account, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0
            ? $"{Uri.UnescapeDataString(uri.UserInfo)} at {uri.Host}{(uri.Port is 993 or 143 or -1 ? "" : $":{uri.Port}")}"
            : account;

    public static string Folder(FolderReport folder) =>
        folder.Target is null || folder.Target == folder.Source ? folder.Source.ToString() : $"{folder.Source} → {folder.Target}";

    public static string Folder(FolderComparison folder) =>
        folder.Source.Count == 0 || folder.Source is [var only] && only == folder.Target
            ? folder.Target.ToString()
            : $"{string.Join(" + ", folder.Source)} → {folder.Target}";

    public static string? Note(FolderReport folder) =>
        folder.Failure is { } failure ? $"failed: {failure.Code}"
        : folder.Target is null ? "left out by rule"
        : null;

    public static string? Note(FolderComparison folder) =>
        folder.Failure is { } failure ? $"not compared: {failure.Code}"
        : folder.TargetExists ? null
        : "missing at the target";

    /// <summary>Where delivered messages are: "at the target".</summary>
    public static string Place(Operation operation) =>
        operation switch
        {
            Operation.Backup or Operation.Upkeep => "in the archive",
            Operation.Export => "in the files",
            _ => "at the target",
        };

    /// <summary>What was done with them: the title of a column.</summary>
    public static string Done(Operation operation) =>
        operation switch
        {
            Operation.Backup => "Stored",
            Operation.Export => "Written",
            _ => "Copied",
        };

    /// <summary>What kind of work it is: the title of a report.</summary>
    public static string Title(Operation operation) => operation == Operation.Copy ? "Migration" : operation.ToString();

    /// <summary>What a run of the service does, which its target says: that of an archive is the archive and, after a "#", what is kept
    /// there.</summary>
    public static Operation OperationOf(string target) =>
        !target.Contains('#', StringComparison.Ordinal) ? Operation.Copy
        : target.Contains("#upkeep", StringComparison.Ordinal) ? Operation.Upkeep
        : Operation.Backup;

    /// <summary>For people; "partial" is its name in JSON.</summary>
    public static string Of(MailboxRunState state) => state == MailboxRunState.Partial ? "incomplete" : state.ToString().ToLowerInvariant();

    public static string Of(MailboxOutcome outcome, JobTask task) =>
        outcome switch
        {
            MailboxOutcome.Ok => "OK",
            MailboxOutcome.Incomplete => task == JobTask.Verify ? "different" : "incomplete",
            MailboxOutcome.Unfinished => "not finished",
            _ => "failed",
        };

    /// <summary>What becomes of copies whose messages were deleted.</summary>
    public static string Of(DeletionMode? mode) =>
        mode switch
        {
            DeletionMode.Trash => "moved to the trash",
            DeletionMode.Folder => "moved to a folder",
            DeletionMode.Mark => "marked as deleted",
            DeletionMode.Expunge => "removed for good",
            _ => "kept",
        };

    /// <summary>"run", "verify".</summary>
    public static string Code(JobTask task) => task.ToString().ToLowerInvariant();

    /// <summary>What a job is about: "mailboxes".</summary>
    public static string Mailboxes(Operation operation, long count = 2) =>
        (operation == Operation.Upkeep, count == 1) switch
        {
            (true, true) => "archive",
            (true, false) => "archives",
            (false, true) => "mailbox",
            _ => "mailboxes",
        };

    /// <summary>What a row of the overview is about.</summary>
    public static string Part(JobReport report) => report.Operation == Operation.Upkeep ? "Archive" : "Mailbox";

    /// <summary>"Took 3 min 20 s: …".</summary>
    public static string Took(JobReport report) =>
        Speed(
            report.Finished - report.Started,
            report.Task == JobTask.Verify ? report.Compared.SourceMessages : report.Total.Delivered,
            report.Task == JobTask.Verify ? 0 : report.Total.DeliveredBytes
        );

    /// <summary>"ann, bob and 12 more".</summary>
    public static string Names(IReadOnlyList<string> names, int most) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? $" and {Format.Count(names.Count - most)} more" : "");

    /// <summary>What messages are that were found there before: the title of a column.</summary>
    public static string There(Operation operation) => operation == Operation.Upkeep ? "Proved" : "Already there";

    /// <summary>What a row of the report is about.</summary>
    public static string Part(Operation operation) => operation == Operation.Upkeep ? "Mailbox" : "Folder";

    /// <param name="subject">Null where nobody asked or there is none: nothing is said then.</param>
    public static string Subject(string? subject) =>
        subject is null ? ""
        : string.IsNullOrWhiteSpace(subject) ? "(no subject)"
        : subject;

    public static string Value(string text) => text.Length == 0 ? "none" : text;

    public static bool NeedsAttention(FolderReport folder) =>
        folder.Failure is not null || folder.Counts is not { Failed: 0, Vanished: 0, Remaining: 0 };

    /// <summary>What to do, each hint once, with the code it belongs to.</summary>
    public static IReadOnlyList<Failure> Hints(RunReport report) =>
        [
            .. report
                .Folders.Select(folder => folder.Failure)
                .Prepend(report.Stopped)
                .Concat(report.Problems)
                .Concat(report.Failures.Select(failure => failure.Failure))
                .OfType<Failure>()
                .DistinctBy(failure => (failure.Code, failure.Hint)),
        ];

    /// <summary>"Took 3 min 20 s: 12,000 messages, 1.2 GiB; 60/s, 6.1 MiB/s.": <paramref name="bytes"/> in all.</summary>
    public static string Speed(TimeSpan took, long messages, long bytes)
    {
        if (messages == 0)
            return $"Took {Format.Duration(took)}.";
        var amount = $"Took {Format.Duration(took)}: {Format.Count(messages, "message")}{(bytes == 0 ? "" : $", {Format.Size(bytes)}")}";
        return took.TotalSeconds < 1
            ? amount + "."
            : $"{amount}; "
                + $"{Format.PerSecond(messages / took.TotalSeconds)}{(bytes == 0 ? "" : $", {Format.Size(bytes / took.TotalSeconds)}/s")}.";
    }
}
