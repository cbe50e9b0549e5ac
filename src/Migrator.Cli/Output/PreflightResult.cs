using Migrator.App.Formatting;
using Migrator.App.Output;
using Migrator.App.Reports;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.Cli.Output;

/// <summary>From a check of a mailbox to its line among those of a job, with the exit code that a run would end with as far as that is
/// known.</summary>
internal static class PreflightResult
{
    private const string NoArchive = "Create it with \"migrator archive init\" and this job file.";

    public static MailboxResult Of(Preflight preflight)
    {
        MailboxReason[] obstacles = preflight.Plan.Obstacles is { Count: > 0 } plan
            ? [MailboxResults.Of(Failure.Of(Reason.FoldersDoNotFit, string.Join(' ', plan)))]
            : [];
        var quotas = preflight.Quotas?.Where(quota => quota.Verdict == QuotaVerdict.Exceeded) ?? [];
        IReadOnlyList<MailboxReason> reasons =
        [
            .. obstacles,
            .. Left(preflight.Folders),
            .. quotas.Select(quota => MailboxResults.Of(Failure.Of(Reason.OverQuota, QuotaText.Of(quota)))),
            .. Followed(preflight.Follow),
        ];
        return Of(preflight.Job, obstacles.Length > 0, preflight.LeavesMessages, reasons, preflight.Folders) with
        {
            Source = preflight.Source,
            Target = preflight.Target,
        };
    }

    public static MailboxResult Of(BackupPreflight preflight)
    {
        var transfer = preflight.Transfer;
        MailboxReason[] missing = preflight.Archive is null
            ? [new(Reason.ArchiveMissing.Code, 0, $"There is no archive in {transfer.Target}.", NoArchive)]
            : [];
        var problems = preflight.Problems.Select(problem => MailboxResults.Of(Failure.Of(Reason.NotComplete, problem)));
        return Of(
            transfer.Name,
            missing.Length > 0,
            preflight.LeavesMessages,
            [.. missing, .. Left(preflight.Folders), .. problems],
            preflight.Folders
        ) with
        {
            Source = transfer.Source,
            Target = transfer.Target,
        };
    }

    private static MailboxResult Of(
        string job,
        bool cannotStart,
        bool leavesMessages,
        IReadOnlyList<MailboxReason> reasons,
        IReadOnlyList<FolderForecast> folders
    )
    {
        var (outcome, code) =
            cannotStart ? (MailboxOutcome.Failed, ExitCode.Configuration)
            : leavesMessages ? (MailboxOutcome.Incomplete, ExitCode.Incomplete)
            : (MailboxOutcome.Ok, ExitCode.Success);
        return new MailboxResult(job, outcome, code) { Counts = Counts(folders), Reasons = reasons };
    }

    private static IEnumerable<MailboxReason> Followed(FollowForecast? follow)
    {
        if (follow?.Problem is { } problem)
            yield return MailboxResults.Of(problem);
        foreach (var deletion in follow?.Deletions.Where(deletion => deletion.Held is not null) ?? [])
            yield return MailboxResults.Of(Failure.Of(Reason.DeletionsHeld, deletion.Held!), deletion.Uids.Count);
    }

    /// <summary>Why messages would be left behind.</summary>
    private static IEnumerable<MailboxReason> Left(IReadOnlyList<FolderForecast> folders)
    {
        if (PreflightJson.Sum(folders, folder => folder.TooLarge) is { Messages: > 0 } large)
            yield return MailboxResults.Of(
                Failure.Of(Reason.TooLarge, $"{Format.Count(large.Messages, "message is", "messages are")} too large to copy."),
                large.Messages
            );
        foreach (var failure in folders.Select(folder => folder.Failure).OfType<Failure>())
            yield return MailboxResults.Of(failure, 1);
    }

    /// <summary>What a run would find, and how much of it is new.</summary>
    private static MessageCounts Counts(IReadOnlyList<FolderForecast> folders)
    {
        var (copied, coming) = (
            PreflightJson.Sum(folders, folder => folder.Copied).Messages,
            PreflightJson.Sum(folders, folder => folder.ToCopy).Messages
        );
        var (large, removed) = (
            PreflightJson.Sum(folders, folder => folder.TooLarge).Messages,
            folders.Sum(folder => folder.RemovedAtTarget)
        );
        var skipped = folders.Sum(folder => folder.Skipped);
        return new(copied + coming + large + removed + skipped, 0, copied, removed, skipped, large, coming, 0);
    }
}
