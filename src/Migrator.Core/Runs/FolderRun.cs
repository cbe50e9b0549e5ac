using System.Globalization;
using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Core.Spool;

namespace Migrator.Core.Runs;

/// <summary>What all parts of one run share.</summary>
internal sealed record RunContext(IMailboxCheckpoint Checkpoint, SpoolDirectory Spool, RunProgress Progress, RunFindings Findings, Quota Quota, RunOptions Options, TimeProvider Time, ILogger Log)
{
    /// <summary>Copies that somebody else brought get the flags that they lack.</summary>
    public bool AddsFlags { get; init; } = true;
}

/// <summary>One source folder on its way to its target folder, through as many sessions as it takes. What it knows
/// besides the checkpoint lives here, so that a lost connection does not count a message twice.</summary>
internal sealed class FolderRun(RunContext run, FolderMapping mapping, FolderProgress progress)
{
    private const int CautiousAtMost = 20;

    private readonly HashSet<uint> _failed = [];
    private readonly List<MessageFailure> _failures = [];
    private FolderState? _targetState;
    private IMailSource? _session;
    private readonly Dictionary<string, int> _failuresByCode = [];
    private long _headway, _headwayAtLoss = -1, _cautiousFor;

    public RunContext Run { get; } = run;

    public FolderMapping Mapping { get; } = mapping;

    public FolderProgress Progress { get; } = progress;

    /// <summary>As on record; set by enumeration and kept up to date by whoever saves it.</summary>
    public FolderCheckpoint Folder { get; set; } = null!;

    /// <summary>The source's state when it was enumerated; null until then.</summary>
    public FolderState? Enumerated { get; set; }

    /// <summary>What was delivered and not inspected yet; kept here because the next session must do it when a connection is lost.</summary>
    public List<DueInspection> Uninspected { get; } = [];

    /// <summary>What the target folder held when it was listed; null where nothing had changed there.</summary>
    public IReadOnlySet<uint>? TargetUids { get; set; }

    /// <summary><see cref="Headway"/> when the target was found quiet last: nothing was sent since.</summary>
    public long QuietAt { get; set; } = -1;

    /// <summary>What earlier runs left to be inspected is in <see cref="Uninspected"/>.</summary>
    public bool Resumed { get; set; }

    /// <summary>What this run has begun to append and not recorded as delivered: found at the target after a lost connection, it
    /// was delivered by this run.</summary>
    public HashSet<uint> Sent { get; } = [];

    /// <summary>What an earlier session began to append, was not found in the folder and was sent again: there may be two copies where the target moves mail.</summary>
    public HashSet<uint> SentAgain { get; } = [];

    /// <summary>Messages that this run had delivered when the folder had to be looked at again, and their octets.</summary>
    private (long Messages, long Octets) _deliveredBefore;

    /// <summary>What was read at the target to look for messages there. A scan of a large folder takes so long that the source's
    /// session may end meanwhile: what was read once is not read again.</summary>
    public Dictionary<uint, MessageFingerprint> Scanned { get; } = [];

    /// <summary>What is on record as delivered is not all at the target as it was sent: the next run must not take it for
    /// whole because nothing changed since.</summary>
    public bool TargetDiffers { get; set; }

    /// <summary>Messages whose flags are still to be compared with the source's; null once that is done.</summary>
    public IReadOnlyList<uint>? FlagsDue { get; set; }

    /// <summary>Messages that an earlier session began to send, with the flags of then: whether found at the target or sent again, their flags are compared once
    /// more.</summary>
    public SortedSet<uint> FlagsOfSent { get; } = [];

    /// <summary>An earlier numbering of the source has messages that were sent and never looked at: which of the present ones they are, only the target's
    /// copies tell, and it may have altered them.</summary>
    public bool SentEarlier { get; set; }

    /// <inheritdoc cref="IMailSource.KeepsFlagsInHeaders"/>
    public bool KeepsFlagsInHeaders { get; private set; }

    /// <summary>The target's own limit, in octets.</summary>
    public long MaxSize { get; set; } = long.MaxValue;

    /// <summary>One message at a time, so that the one that breaks the connection stands alone: after two losses without
    /// headway between them, until that message is found or enough others have passed.</summary>
    public bool Cautious { get; private set; }

    /// <summary>Requests to the source for flags, dates and sizes.</summary>
    public Isolation SourceSummaries { get; } = new();

    /// <summary>Requests to the source for flags alone.</summary>
    public Isolation SourceFlags { get; } = new();

    /// <summary>Requests to the source for content.</summary>
    public IsolatingFetch SourceFetches { get; } = new();

    /// <summary>Requests to the target for flags, dates and sizes.</summary>
    public Isolation TargetSummaries { get; } = new();

    /// <summary>Requests to the target to store or show flags.</summary>
    public Isolation TargetFlags { get; } = new();

    /// <summary>Requests to the target for content.</summary>
    public Isolation TargetFetches { get; } = new();

    /// <summary>What may be to blame for the losses of the target's connection.</summary>
    public Suspect TargetSuspect { get; } = new();

    /// <summary>Why the folder as a whole was given up; null where it was not.</summary>
    public Failure? Failure { get; private set; }

    public bool AnyFailed => _failed.Count > 0 || Failure is not null;

    public long Headway => Interlocked.Read(ref _headway) + Isolations.Sum(isolation => isolation.Narrowed);

    private IEnumerable<Isolation> Isolations => [SourceSummaries, SourceFlags, SourceFetches.Isolation, TargetSummaries, TargetFlags, TargetFetches];

    /// <summary>The same folder, as if this run had not seen it yet.</summary>
    public FolderRun Restarted()
    {
        var fresh = new FolderRun(Run, Mapping, Progress) { _deliveredBefore = (Progress.Counts.Delivered, Progress.Counts.DeliveredOctets) };
        fresh.Sent.UnionWith(Sent);
        fresh.SentAgain.UnionWith(SentAgain);
        Progress.BeginAnew();
        Run.Findings.Forget(Mapping.Source.Path);
        return fresh;
    }

    /// <summary>Counts messages that are at the target and were not sent since the folder was looked at last: as many as this run had delivered before are delivered,
    /// the others were there already.</summary>
    public void CountThere(long messages)
    {
        var delivered = Math.Min(messages, _deliveredBefore.Messages);
        var octets = delivered == 0 ? 0 : _deliveredBefore.Octets * delivered / _deliveredBefore.Messages;
        _deliveredBefore = (_deliveredBefore.Messages - delivered, _deliveredBefore.Octets - octets);
        Progress.Delivered(delivered, octets);
        Progress.AlreadyThere(messages - delivered);
    }

    /// <summary>The source session has opened the folder.</summary>
    /// <exception cref="MailException">UIDs mean other messages than they did when the folder was enumerated.</exception>
    public void SourceOpened(IMailSource session, FolderState state)
    {
        var isAnother = _session is not null && _session != session;
        _session = session;
        KeepsFlagsInHeaders = session.KeepsFlagsInHeaders;
        // Without UIDVALIDITY, UIDs last for one session (RFC 9051, section 2.3.1.1).
        if (Enumerated is { } before && ((state.UidValidity == 0 && isAnother) || before.UidValidity != state.UidValidity || HighWaterMark.Of(before).IsAheadOf(state)))
            throw new MailException(Reason.FolderRecreated, $"{Mapping.Source.Path}: the source recreated, renumbered or restored the folder while it was copied.");
    }

    /// <summary>Opens the target folder and sees that it is still the one that messages were delivered to.</summary>
    /// <exception cref="MailException">It was recreated or restored meanwhile.</exception>
    public async Task<FolderState> OpenTargetAsync(IMailTarget target, CancellationToken cancellationToken)
    {
        var state = await target.OpenAsync(Mapping.Target, cancellationToken).ConfigureAwait(false);
        if (_targetState is { } before && (before.UidValidity != state.UidValidity || HighWaterMark.Of(before).IsAheadOf(state)))
            throw new MailException(Reason.FolderRecreated, $"{Mapping.Target}: the target recreated or restored the folder while it was copied to.");
        _targetState = state;
        return state;
    }

    /// <summary>The target has given a UID below this one: whatever shows a lower UIDNEXT later was restored.</summary>
    public void TargetGave(uint nextUid)
    {
        if (_targetState is { } state && state.UidNext > 0)
            _targetState = state with { UidNext = Math.Max(state.UidNext, nextUid) };
    }

    public bool HasFailed(uint uid)
    {
        lock (_failed)
            return _failed.Contains(uid);
    }

    public void MadeHeadway()
    {
        Interlocked.Increment(ref _headway);
        if (Cautious && ++_cautiousFor >= CautiousAtMost)
            Cautious = false;
    }

    public void ConnectionLost()
    {
        var headway = Interlocked.Read(ref _headway);
        Cautious = headway == _headwayAtLoss;
        (_headwayAtLoss, _cautiousFor) = (headway, 0);
    }

    /// <summary>Records that these messages are not at the target, each with its reason; the next run tries
    /// again.</summary>
    public async Task FailAsync(IReadOnlyList<(MessageRecord Record, Reason Reason, string Detail)> failures, CancellationToken cancellationToken)
    {
        if (failures.Count == 0)
            return;
        await Run.Checkpoint.WriteAsync(Folder.Id, [.. failures.Select(failure => failure.Record with
        {
            State = MessageState.Failed,
            // Where it may be at the target after all, the next run knows from where on to look for it.
            Intent = failure.Reason == Reason.NotConfirmed || failure.Reason == Reason.AppendLost ? failure.Record.Intent : null, Reason = failure.Reason.Code, Detail = failure.Detail,
        })], cancellationToken).ConfigureAwait(false);
        foreach (var (record, reason, detail) in failures)
        {
            lock (_failed)
            {
                _failed.Add(record.Uid);
                if ((_failuresByCode[reason.Code] = _failuresByCode.GetValueOrDefault(reason.Code) + 1) > RunFindings.Most)
                    continue;
                _failures.Add(new MessageFailure(Mapping.Source.Path, record.Uid, null, record.Size, Failure.Of(reason, detail)));
            }
            Run.Log.MessageFailed(record.Uid, Mapping.Source.Path, reason.Code, detail);
        }
        foreach (var reason in failures.CountBy(failure => failure.Reason.Code))
            Progress.Failed(reason.Value, reason.Key);
        MadeHeadway();
    }

    /// <summary>Messages that failed as <see cref="Reason.NotConfirmed"/> were delivered: the target has moved them to another folder, where their UIDs are not
    /// known.</summary>
    public async Task MovedAsync(IReadOnlyList<MessageRecord> records, CancellationToken cancellationToken)
    {
        await Run.Checkpoint.WriteAsync(Folder.Id, [.. records.Select(record => Delivery.Delivered(record, 0) with { State = MessageState.Delivered })], cancellationToken).ConfigureAwait(false);
        lock (_failed)
            _failed.ExceptWith(records.Select(record => record.Uid));
        Run.Findings.Remove(Reason.NotConfirmed.Code, Mapping.Source.Path, records.Select(record => record.Uid).ToHashSet());
        Progress.Failed(-records.Count);
        Progress.Delivered(records.Count, records.Sum(record => record.Size));
        if (!AnyFailed)
            Progress.Phase = FolderPhase.Done;
    }

    /// <param name="actual">What the target has instead.</param>
    public Difference Differs(MessageRecord record, DifferenceKind kind, string actual) => new(kind, Mapping.Source.Path, record.Uid, Mapping.Target, record.TargetUid, kind switch
    {
        DifferenceKind.Missing => "delivered",
        DifferenceKind.Duplicate => "delivered once",
        DifferenceKind.Flags => record.Flags.ToString(),
        DifferenceKind.InternalDate => Text(record.InternalDate),
        _ => $"{record.Size:N0} octets, sha256 {record.Content}",
    }, actual);

    /// <summary>Says of messages that are new on record what their source gave as date or flags and could not be taken over as it was.</summary>
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

    private Difference Odd(MessageSummary summary, DifferenceKind kind, string said, string taken) => new(kind, Mapping.Source.Path, summary.Uid, Mapping.Target, null, said, taken);

    public static string Text(DateTimeOffset date) => date.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public void Fail(MailException exception)
    {
        Failure = Failure.Of(exception);
        // What the folder was said to hold counts as found, so that it is missed in the totals.
        if (Enumerated is null)
            Progress.Found(Progress.Expected);
        Progress.GivenUp(exception.Reason.Code);
        Run.Log.FolderFailed(Mapping.Source.Path, exception.Reason.Code, exception.Message);
    }

    /// <summary>Hands the failures to the report, with their subjects where the source gives them.</summary>
    public async Task ReportFailuresAsync(IMailSource source, CancellationToken cancellationToken)
    {
        const int mostSubjects = 500;
        // A server that ends the connection when it is asked for a message may do so for its subject too.
        List<uint> readable = [.. _failures.Where(failure => failure.Failure.Code != Reason.SourceUnreadable.Code).Take(mostSubjects).Select(failure => failure.Uid).Order()];
        IReadOnlyDictionary<uint, string> subjects = new Dictionary<uint, string>();
        try
        {
            if (readable.Count > 0)
                subjects = await source.SubjectsAsync(readable, cancellationToken).ConfigureAwait(false);
        }
        catch (MailException exception)
        {
            Run.Log.NoSubjects(Mapping.Source.Path, exception.Message);
        }
        foreach (var failure in _failures)
            Run.Findings.Add(failure with { Subject = subjects.GetValueOrDefault(failure.Uid) });
        _failures.Clear();
        ReportFailures();
    }

    /// <summary>The same without subjects, when the source cannot be asked any more.</summary>
    public void ReportFailures()
    {
        foreach (var failure in _failures)
            Run.Findings.Add(failure);
        _failures.Clear();
        foreach (var (code, count) in _failuresByCode.Where(kind => kind.Value > RunFindings.Most))
            Run.Findings.AddUnlisted(code, count - RunFindings.Most);
        _failuresByCode.Clear();
    }
}
