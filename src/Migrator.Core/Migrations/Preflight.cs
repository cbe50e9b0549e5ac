using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Plans;
using Migrator.Core.Progress;
using Migrator.Core.Providers;
using Migrator.Core.Selection;

namespace Migrator.Core.Migrations;

/// <summary>What a run of a migration would do, found out without changing anything.</summary>
/// <param name="Plan">Which folder goes where, and what is against it.</param>
/// <param name="Traits">What the target takes.</param>
/// <param name="Folders">In the order of the plan.</param>
/// <param name="Quotas">Null where the target has no quotas to tell of.</param>
/// <param name="SourceDeletionPolicy">Null where the job deletes nothing at the source.</param>
/// <param name="Notices">What a person should know.</param>
public sealed record Preflight(
    string Job,
    string Source,
    string Target,
    FolderPlan Plan,
    TargetCapabilities Traits,
    IReadOnlyList<FolderForecast> Folders,
    IReadOnlyList<QuotaForecast>? Quotas,
    RemovalForecast? SourceDeletionPolicy,
    IReadOnlyList<string> Notices
)
{
    /// <summary>What is known of who keeps the mailboxes.</summary>
    public (ProviderProfile Source, ProviderProfile Target) Providers { get; init; } = (ProviderProfiles.Generic, ProviderProfiles.Generic);

    /// <summary>What the server of the source calls itself; null where it has not said.</summary>
    public string? SourceServer { get; init; }

    /// <summary>Likewise of the target.</summary>
    public string? TargetServer { get; init; }

    /// <summary>What a run would follow; null where the job does not follow the source.</summary>
    public FollowForecast? Follow { get; init; }

    /// <summary>A run would leave messages behind: they are too large, do not fit, or are in a folder that cannot be read.</summary>
    public bool LeavesMessages =>
        Folders.Any(folder => folder.TooLarge.Messages > 0 || folder.Failure is not null)
        || Quotas?.Any(quota => quota.Verdict == QuotaVerdict.Exceeded) == true
        || Follow?.Problem is not null
        || Follow?.Deletions.Any(deletion => deletion.Held is not null) == true;

    /// <param name="endpoints">The target is only inspected.</param>
    /// <exception cref="MailException">An end could not be reached, or refused the login.</exception>
    /// <exception cref="CheckpointException">The store cannot be read.</exception>
    public static async Task<Preflight> RunAsync(
        Transfer transfer,
        SourceDeletionPolicy removal,
        MailboxEndpoints endpoints,
        ICheckpointStore store,
        RunProgress progress,
        TimeProvider time,
        ILogger log,
        CancellationToken stop
    )
    {
        await using var records = await store.OpenRecordsAsync(new MailboxPair(transfer.Source, transfer.Target), stop);
        var checkpoint = new TrialCheckpoint(records);
        var known = await checkpoint.FoldersAsync(stop);
        var labelled = new LabelledMail();
        await using var sessions = new SessionPair(labelled.Of(endpoints), new CheckpointUidMap(checkpoint), ProcessLease.Instance);
        var retries = new Retries(time, progress, log);
        var doubtful = new HashSet<FolderPath>();
        var (phase, since) = await checkpoint.PhaseAsync(stop);
        if (phase == MailboxPhase.Undone && !transfer.Options.Again)
            throw Migration.TakenBack(transfer, since);
        var isSwitched = phase == MailboxPhase.Switched;
        var follow = isSwitched ? null : transfer.Follow;
        var run = new RunContext(checkpoint, null, progress, new RunIssues(), new Quota(), transfer.Options, time, log)
        {
            Selection = MessageSelection.Of(transfer.Messages, time.GetUtcNow()),
            Follows = follow is not null,
            IsSwitched = isSwitched,
        };
        var follows = follow is { } rules ? new FollowForecaster(run, transfer, rules) : null;
        var (plan, target) = await MakeAsync();
        if (follows is not null && await InSessionAsync("Comparing folder names", () => follows.RenameAsync(sessions, plan, stop)))
        {
            known = await checkpoint.FoldersAsync(stop);
            (plan, target) = await MakeAsync();
        }
        var shared = await InSessionAsync(
            "Comparing folders",
            async () => await SharedMail.ReadAsync(sessions, plan, await labelled.ReadAsync(sessions.Source, plan, stop), stop)
        );
        await Migration.RetireGoneAsync(checkpoint, known, plan, stop);
        if (
            (LimitedView.Of(sessions.Source.Provider, plan.Mappings.Select(mapping => mapping.Source)) ?? labelled.Shortfall) is { } limited
        )
            progress.Notice($"{limited.Message} {limited.Reason.Hint}");

        progress.Phase = "Looking for what is new";
        var unchanged = new UnchangedFolders(known, target, run.Selection);
        var work = plan
            .Mappings.Select(mapping => new FolderForecaster(
                new FolderCopyState(run, mapping, progress.Add(mapping.Source.Path, mapping.Target, 0))
                {
                    Shared = shared,
                    LeavesShared = true,
                },
                unchanged.Find(mapping) is not null,
                keepsUids: removal.AfterDays is not null,
                place: follows is null ? (mapping.Exists ? mapping.Target : null) : follows.PlaceOf(mapping)
            ))
            .ToList();
        // One pair of sessions: a run may be at the same mailbox, and servers count connections.
        static SessionPair None() => throw new InvalidOperationException("A check needs no second connection.");
        await new SessionPairPool(None, time, progress, log).RunAsync(
            sessions,
            1,
            work,
            (folder, pair, token) => folder.RunAsync(pair, token),
            stop,
            keepFirst: true
        );
        var folders = work.ConvertAll(folder => folder.Forecast);
        var quotas = await InSessionAsync("Asking for quotas", () => QuotasAsync(sessions.Target, folders, target, progress, stop));
        var followed = follows is null
            ? null
            : await InSessionAsync("Looking for what is to be followed", () => follows.FindAsync(sessions, work, target, stop));
        var deletion =
            removal.AfterDays is { } days && sessions.Source is IDeletableSource
                ? RemovalForecast.Of(
                    await checkpoint.Uids.ReadAsync(stop),
                    [.. work.SelectMany(folder => folder.AtBothEnds)],
                    folders.Sum(folder => folder.Listed),
                    days,
                    time.GetUtcNow()
                )
                : null;
        IReadOnlyList<string> notices = [.. plan.Notices, .. progress.Notices];
        return new Preflight(
            transfer.Name,
            transfer.Source,
            transfer.Target,
            plan,
            sessions.Target.Traits,
            folders,
            quotas,
            deletion,
            notices
        )
        {
            Follow = followed,
            Providers = (sessions.Source.Provider, sessions.Target.Provider),
            SourceServer = sessions.Source.ServerName,
            TargetServer = sessions.Target.ServerName,
        };

        Task<T> InSessionAsync<T>(string phase, Func<Task<T>> step) => retries.RunAsync(sessions, phase, step, stop);

        Task<(FolderPlan Plan, IReadOnlyList<MailFolder> Target)> MakeAsync() =>
            InSessionAsync(
                "Listing folders",
                () => FolderPlan.MakeAsync(sessions.Source, sessions.Target, transfer.Folders, known, doubtful, stop)
            );
    }

    /// <summary>For a person to read, and for a run to carry out.</summary>
    /// <param name="made">When.</param>
    /// <param name="completeBy">When daily limits let such a run be complete; null where there are none.</param>
    /// <param name="problems">Why it would not be, as far as is known.</param>
    public MailboxPlan ToPlan(DateTimeOffset made, DateTimeOffset? completeBy, IReadOnlyList<Failure> problems) =>
        new(Job, Source, Target, made, [.. Folders.Select(folder => folder.ToPlan())])
        {
            Renames = Follow?.Renames ?? [],
            Moves = Follow?.Moves ?? 0,
            Deletions = Follow?.Deletions ?? [],
            DeletionMode = Follow?.Mode,
            Kept = Follow?.Kept ?? 0,
            CompleteBy = completeBy,
            Notices = Notices,
            Problems = problems,
        };

    /// <returns>Null where the target has no quotas.</returns>
    private static async Task<IReadOnlyList<QuotaForecast>?> QuotasAsync(
        IMailTarget target,
        IReadOnlyList<FolderForecast> folders,
        IReadOnlyList<MailFolder> there,
        RunProgress progress,
        CancellationToken stop
    )
    {
        var existing = there.Where(folder => folder.Selectable).Select(folder => folder.Path).ToHashSet();
        var asked = new Dictionary<FolderPath, IReadOnlyList<MailQuota>>();
        var coming = new List<(FolderForecast, IReadOnlyList<MailQuota>)>();
        foreach (var folder in folders)
        {
            var place = Place(folder.Target, existing);
            // Where nothing comes, the quota of INBOX alone is worth knowing.
            if (folder.ToCopy.Messages == 0 && !place.IsInbox)
                continue;
            if (!asked.TryGetValue(place, out var quotas))
            {
                try
                {
                    if (await target.QuotasAsync(place, stop) is not { } reported)
                        return null;
                    quotas = reported;
                }
                catch (MailException exception)
                    when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
                {
                    progress.NoticeOnce("quota", $"The quota of the target is unknown: {exception.Message}");
                    quotas = [];
                }
                asked[place] = quotas;
            }
            coming.Add((folder, quotas));
        }
        return QuotaForecast.Compare(coming);
    }

    /// <summary>The folder, or the nearest one above it that exists: a new folder counts towards the same quota.</summary>
    private static FolderPath Place(FolderPath folder, HashSet<FolderPath> existing)
    {
        for (var place = folder; place is not null; place = place.Parent)
        {
            if (existing.Contains(place))
                return place;
        }
        return FolderPath.Inbox;
    }
}
