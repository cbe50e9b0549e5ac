using System.Globalization;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Plans;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>One source folder on its way to its target folder, through as many sessions as it takes. What it knows
/// besides the checkpoint lives here, so that a lost connection does not count a message twice.</summary>
/// <remarks>Most of it is made when it is needed: where there are ten thousand folders, nearly all have nothing new.</remarks>
internal sealed class FolderCopyState(RunContext run, FolderMapping mapping, FolderProgress progress)
{
    private FolderState? _targetState;
    private IMailSource? _session;

    public RunContext Run { get; } = run;

    public FolderMapping Mapping { get; } = mapping;

    public FolderProgress Progress { get; } = progress;

    /// <summary>As recorded; set by enumeration and kept up to date by the code that saves it.</summary>
    public FolderCheckpoint Folder { get; set; } = null!;

    /// <summary>The source's state when it was enumerated; null until then.</summary>
    public FolderState? Enumerated { get; set; }

    /// <summary>The source folder as it was seen last.</summary>
    public MailFolder Seen => Enumerated is { } state ? Mapping.Source with { State = state } : Mapping.Source;

    /// <summary>What was delivered and not inspected yet; kept here because the next session must do it when a connection is
    /// lost.</summary>
    public List<DueInspection> Uninspected => field ??= [];

    /// <summary>What the target folder held when it was listed; null where nothing had changed there.</summary>
    public UidSet? TargetUids { get; set; }

    /// <summary><see cref="ProgressVersion"/> when the target was found quiet last: nothing was sent since.</summary>
    public long QuietAt { get; set; } = -1;

    /// <summary>What earlier runs left to be inspected is in <see cref="Uninspected"/>.</summary>
    public bool Resumed { get; set; }

    /// <summary>What this run has begun to append and not recorded as delivered: found at the target after a lost connection, it
    /// was delivered by this run.</summary>
    public HashSet<Uid> Sent => field ??= [];

    /// <summary>What an earlier session began to append, was not found in the folder and was sent again: there may be two copies where the
    /// target moves mail.</summary>
    public HashSet<Uid> SentAgain => field ??= [];

    /// <summary>How often this run has sent a message again that a session had sent before it ended.</summary>
    public Dictionary<Uid, int> Resent => field ??= [];

    /// <summary>The target folder before the session that is open appended to it.</summary>
    public FolderState BeforeAppends { get; set; }

    /// <summary>Messages that the target has taken in this session.</summary>
    public int Taken { get; set; }

    /// <summary>Messages that this run had delivered when the folder had to be examined again, and their bytes.</summary>
    private (long Messages, long Bytes) _deliveredBefore;

    /// <summary>What was read at the target to look for messages there. A scan of a large folder takes so long that the source's
    /// session may end meanwhile: what was read once is not read again.</summary>
    public Dictionary<Uid, MessageFingerprint> Scanned => field ??= [];

    /// <summary>What is recorded as delivered is not all at the target as it was sent: the next run must not take it for
    /// whole because nothing changed since.</summary>
    public bool TargetDiffers { get; set; }

    /// <summary>Messages whose flags are still to be compared with the source's; null once that is done.</summary>
    public UidSet? FlagsDue { get; set; }

    /// <summary>Messages that an earlier session began to send, with the flags of then: whether found at the target or sent again, their
    /// flags are compared once more.</summary>
    public SortedSet<Uid> FlagsOfSent => field ??= [];

    /// <summary>An earlier numbering of the source has messages that were sent and never inspected: which of the present ones they are,
    /// only the target's copies tell, and it may have altered them.</summary>
    public bool SentEarlier { get; set; }

    /// <inheritdoc cref="IMailSource.KeepsFlagsInHeaders"/>
    public bool KeepsFlagsInHeaders { get; private set; }

    /// <summary>Of the source (<see cref="Providers.ProviderProfile.RewritesMessages"/>).</summary>
    public bool SourceRewrites { get; private set; }

    /// <summary>Of the target.</summary>
    public bool TargetRewrites { get; private set; }

    /// <summary>Where bytes do not show that two messages are the same, their parts do.</summary>
    public bool ComparesParts => SourceRewrites || TargetRewrites;

    /// <summary>The target's own limit, in bytes.</summary>
    public long MaxSize { get; set; } = long.MaxValue;

    /// <summary>Requests to the source for flags, dates and sizes.</summary>
    public Isolation SourceSummaries => field ??= new();

    /// <summary>Requests to the source for flags alone.</summary>
    public Isolation SourceFlags => field ??= new();

    /// <summary>Requests to the source for what rules ask for.</summary>
    public Isolation SourceSelections => field ??= new();

    /// <summary>Requests to the source for content.</summary>
    public IsolatingFetch SourceFetches => field ??= new();

    /// <summary>Requests to the target for flags, dates and sizes.</summary>
    public Isolation TargetSummaries => field ??= new();

    /// <summary>Requests to the target to store or show flags.</summary>
    public Isolation TargetFlags => field ??= new();

    /// <summary>Requests to the target for content.</summary>
    public Isolation TargetFetches => field ??= new();

    /// <summary>The message at which the target's connection ends.</summary>
    public PoisonDetector Poison { get; } = new();

    /// <summary>What other folders of the source show as well; none where the target tells no UIDs of copies.</summary>
    public SharedMail Shared { get; init; } = SharedMail.None;

    /// <summary>The target did not list its folder when the run began.</summary>
    public bool CreatesTarget { get; init; }

    /// <summary>What is to be delivered to another folder first is left for a second pass, which copies it from there.</summary>
    public bool LeavesShared { get; set; }

    /// <summary>Something was left.</summary>
    public bool HasLeft { get; set; }

    /// <summary>Which messages the rules of the job leave out is decided.</summary>
    public bool IsSelected { get; set; }

    /// <summary>The messages whose turn it is (<see cref="DeliveryOrder"/>); null for all.</summary>
    public UidSet? Due { get; set; }

    /// <summary>What the plan that the run carries out says of this folder; null where there is no plan.</summary>
    public PlannedFolder? Planned { get; init; }

    /// <summary>Messages wait for their turn.</summary>
    public bool HasWaiting { get; set; }

    /// <summary>What did not come to the target, and why.</summary>
    public FailureLog Failures { get; } = new(run, mapping, progress);

    /// <summary>Rises with all that was achieved.</summary>
    public long ProgressVersion => Poison.Progress + Isolations.Sum(isolation => isolation.Narrowed);

    private IEnumerable<Isolation> Isolations =>
        [SourceSummaries, SourceFlags, SourceSelections, SourceFetches.Isolation, TargetSummaries, TargetFlags, TargetFetches];

    /// <summary>The same folder, as if this run had not seen it yet.</summary>
    public FolderCopyState Restarted()
    {
        var fresh = new FolderCopyState(Run, Mapping, Progress)
        {
            _deliveredBefore = (Progress.Counts.Delivered, Progress.Counts.DeliveredBytes),
            Shared = Shared,
            CreatesTarget = CreatesTarget,
            LeavesShared = LeavesShared,
            Planned = Planned,
            // If UIDs mean other messages now, as many are due, and nothing else depends on which.
            Due = Due,
        };
        fresh.Sent.UnionWith(Sent);
        fresh.SentAgain.UnionWith(SentAgain);
        Progress.BeginAnew();
        Run.Findings.Forget(Mapping.Source.Path);
        return fresh;
    }

    /// <summary>Whether a message is left for the second pass.</summary>
    public bool IsLeft(Uid uid) => LeavesShared && Shared.IsFirstElsewhere(Mapping, Folder.UidValidity, uid);

    /// <summary>Whether it is this message's turn. What may have been sent does not wait: the target may have it.</summary>
    public bool IsDue(MessageRecord record) => Due is not { } due || record.Intent is not null || due.Contains(record.Uid);

    /// <summary>Whether a message may be delivered by this run.</summary>
    public bool IsPlanned(Uid uid) => Planned is not { } plan || plan.Includes(uid);

    /// <summary>Counts messages that are at the target and were not sent since the folder was examined last: as many as this run had
    /// delivered before are delivered, the others were there already.</summary>
    public void CountThere(long messages)
    {
        var delivered = Math.Min(messages, _deliveredBefore.Messages);
        var bytes = delivered == 0 ? 0 : _deliveredBefore.Bytes * delivered / _deliveredBefore.Messages;
        _deliveredBefore = (_deliveredBefore.Messages - delivered, _deliveredBefore.Bytes - bytes);
        Progress.Delivered(delivered, bytes);
        Progress.AlreadyThere(messages - delivered);
    }

    /// <summary>The source session has opened the folder.</summary>
    /// <exception cref="MailException">UIDs mean other messages than they did when the folder was enumerated.</exception>
    public void SourceOpened(IMailSource session, FolderState state)
    {
        var isAnother = _session is not null && _session != session;
        _session = session;
        KeepsFlagsInHeaders = session.KeepsFlagsInHeaders;
        SourceRewrites = session.Provider.RewritesMessages;
        // Without UIDVALIDITY, UIDs last for one session (RFC 9051, section 2.3.1.1).
        if (
            Enumerated is { } before
            && (
                (!state.UidValidity.IsKnown && isAnother)
                || before.UidValidity != state.UidValidity
                || HighWaterMark.Of(before).IsAheadOf(state)
            )
        )
            throw new MailException(
                Reason.FolderRecreated,
                $"{Mapping.Source.Path}: the source recreated, renumbered or restored the folder while it was copied."
            );
    }

    /// <summary>Opens the target folder and sees that it is still the one that messages were delivered to.</summary>
    /// <exception cref="MailException">It was recreated or restored meanwhile.</exception>
    public async Task<FolderState> OpenTargetAsync(IMailTarget target, CancellationToken cancellationToken)
    {
        var state = await target.OpenAsync(Mapping.Target, cancellationToken);
        if (_targetState is { } before && (before.UidValidity != state.UidValidity || HighWaterMark.Of(before).IsAheadOf(state)))
            throw new MailException(
                Reason.FolderRecreated,
                $"{Mapping.Target}: the target recreated or restored the folder while it was copied to."
            );
        _targetState = state;
        TargetRewrites = target.Provider.RewritesMessages;
        return state;
    }

    /// <summary>The target has given a UID below this one: whatever shows a lower UIDNEXT later was restored.</summary>
    public void TargetGave(TargetUid nextUid)
    {
        if (_targetState is { } state && state.UidNext.IsKnown)
            _targetState = state with { UidNext = Uid.Higher(state.UidNext, nextUid.Uid) };
    }

    /// <param name="actual">What the target has instead.</param>
    public Difference Differs(MessageRecord record, DifferenceKind kind, string actual) =>
        new(
            kind,
            Mapping.Source.Path,
            record.Uid,
            Mapping.Target,
            record.TargetUid,
            kind switch
            {
                DifferenceKind.Missing or DifferenceKind.Trashed => "delivered",
                DifferenceKind.Duplicate => "delivered once",
                DifferenceKind.Kept => RecordedDifferences.LeftFolder,
                DifferenceKind.Flags => record.Flags.ToString(),
                DifferenceKind.InternalDate => Text(record.InternalDate),
                _ => $"{record.Size:N0} bytes, sha256 {record.Content}",
            },
            actual
        );

    /// <summary>Says of messages that are newly recorded what their source gave as date or flags and could not be taken over as it
    /// was.</summary>
    public void ReportOddities(IEnumerable<MessageSummary> summaries)
    {
        foreach (var summary in summaries)
        {
            if (summary.OddDate is { } date)
                Run.Findings.Add(Odd(summary, DifferenceKind.InternalDate, date, $"{Text(summary.InternalDate)}, {summary.DateOrigin}"));
            if (summary.OddFlags is { } flags)
                Run.Findings.Add(Odd(summary, DifferenceKind.Flags, $"{summary.Flags} {flags}".TrimStart(), summary.Flags.ToString()));
        }
    }

    /// <summary>Messages are at the target with other bytes, and are the same: what that rests on is said.</summary>
    public void NoticeParts() =>
        Run.Progress.NoticeOnce(
            "parts",
            $"{(TargetRewrites ? "The target" : "The source")} stores messages in its own form: where bytes differ, messages were "
                + "compared by header fields (Message-ID, Date, From, To, Subject), text and attachments."
        );

    private Difference Odd(MessageSummary summary, DifferenceKind kind, string said, string taken) =>
        new(kind, Mapping.Source.Path, summary.Uid, Mapping.Target, null, said, taken);

    public static string Text(DateTimeOffset date) =>
        date.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Records that these messages are not at the target, each with its reason; the next run tries again.</summary>
    public async Task FailAsync(
        IReadOnlyList<(MessageRecord Record, Reason Reason, string Detail)> failures,
        CancellationToken cancellationToken
    )
    {
        if (failures.Count == 0)
            return;
        await Run.Checkpoint.WriteAsync(
            Folder.Id,
            [
                .. failures.Select(failure =>
                    failure.Record with
                    {
                        State = MessageState.Failed,
                        // Where it may be at the target after all, the next run knows from where on to look for it.
                        Intent =
                            failure.Reason == Reason.NotConfirmed || failure.Reason == Reason.AppendLost ? failure.Record.Intent : null,
                        Reason = failure.Reason.Code,
                        Detail = failure.Detail,
                    }
                ),
            ],
            cancellationToken
        );
        Failures.Add(failures);
        Poison.RecordProgress();
    }

    /// <summary>Messages that failed as <see cref="Reason.NotConfirmed"/> were delivered: the target has moved them to another folder,
    /// where their UIDs are not known.</summary>
    public void Moved(IReadOnlyList<MessageRecord> records)
    {
        Failures.Withdraw(Reason.NotConfirmed, records.Select(record => record.Uid).ToHashSet());
        Progress.Delivered(records.Count, records.Sum(record => record.Size));
        if (!Failures.Any)
            Progress.Phase = FolderPhase.Done;
    }

    /// <summary>The folder as a whole was given up.</summary>
    public void Fail(MailException exception)
    {
        // What the folder was said to hold counts as found, so that it is missed in the totals.
        if (Enumerated is null)
            Progress.Found(Progress.Expected);
        Failures.FolderFailed(exception);
    }
}
