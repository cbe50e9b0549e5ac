using System.Globalization;
using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Spool;

namespace Migrator.Core.Runs;

/// <summary>What all parts of one run share.</summary>
internal sealed record RunContext(IMailboxCheckpoint Checkpoint, SpoolDirectory Spool, RunProgress Progress, RunFindings Findings, Quota Quota, TimeProvider Time, ILogger Log);

/// <summary>One source folder on its way to its target folder, through as many sessions as it takes. What it knows
/// besides the checkpoint lives here, so that a lost connection does not count a message twice.</summary>
internal sealed class FolderRun(RunContext run, FolderMapping mapping, FolderProgress progress)
{
    private const int CautiousAtMost = 20;

    private readonly HashSet<uint> _failed = [];
    private readonly List<MessageFailure> _failures = [];
    private readonly Dictionary<string, int> _listed = [];
    private int _unlisted;
    private long _headway, _headwayAtLoss = -1, _cautiousFor;

    public RunContext Run { get; } = run;

    public FolderMapping Mapping { get; } = mapping;

    public FolderProgress Progress { get; } = progress;

    /// <summary>As on record; set by enumeration and kept up to date by whoever saves it.</summary>
    public FolderCheckpoint Folder { get; set; } = null!;

    /// <summary>The source's state when it was enumerated; null until then.</summary>
    public FolderState? Enumerated { get; set; }

    /// <summary>What was delivered and not looked at yet, and whether to read it back; kept here because the next session must do
    /// it when a connection is lost.</summary>
    public List<(MessageRecord Record, bool ReadBack)> Unchecked { get; } = [];

    /// <summary>What this run has begun to append and not recorded as delivered: found at the target after a lost connection, it
    /// was delivered by this run.</summary>
    public HashSet<uint> Sent { get; } = [];

    /// <summary>What was read at the target to look for messages there. A scan of a large folder takes so long that the source's
    /// session may end meanwhile: what was read once is not read again.</summary>
    public Dictionary<uint, Adoption.Scanned> Scanned { get; } = [];

    /// <summary>What is on record as delivered is not all at the target as it was sent: the next run must not take it for
    /// whole because nothing changed since.</summary>
    public bool TargetDiffers { get; set; }

    /// <summary>Messages whose flags are still to be compared with the source's; null once that is done.</summary>
    public IReadOnlyList<uint>? FlagsDue { get; set; }

    /// <summary>The target's own limit, in octets.</summary>
    public long MaxSize { get; set; } = long.MaxValue;

    /// <summary>One message at a time, so that the one that breaks the connection stands alone: after two losses without
    /// headway between them, until that message is found or enough others have passed.</summary>
    public bool Cautious { get; private set; }

    /// <summary>What may be to blame for the losses of the source's connection.</summary>
    public Suspect SourceSuspect { get; } = new();

    /// <summary>What may be to blame for the losses of the target's connection.</summary>
    public Suspect TargetSuspect { get; } = new();

    /// <summary>Why the folder as a whole was given up; null where it was not.</summary>
    public Failure? Failure { get; private set; }

    public bool AnyFailed => _failed.Count > 0 || Failure is not null;

    public long Headway => Interlocked.Read(ref _headway);

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
        Cautious = Headway == _headwayAtLoss;
        (_headwayAtLoss, _cautiousFor) = (Headway, 0);
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
                if ((_listed[reason.Code] = _listed.GetValueOrDefault(reason.Code) + 1) > RunFindings.Most)
                {
                    _unlisted++;
                    continue;
                }
                _failures.Add(new MessageFailure(Mapping.Source.Path, record.Uid, null, record.Size, new Failure(reason.Code, detail, reason.Hint)));
            }
            Run.Log.MessageFailed(record.Uid, Mapping.Source.Path, reason.Code, detail);
        }
        foreach (var reason in failures.CountBy(failure => failure.Reason.Code))
            Progress.Failed(reason.Value, reason.Key);
        MadeHeadway();
    }

    /// <param name="actual">What the target has instead.</param>
    public Difference Differs(MessageRecord record, DifferenceKind kind, string actual) => new(kind, Mapping.Source.Path, record.Uid, Mapping.Target, record.TargetUid, kind switch
    {
        DifferenceKind.Missing => "delivered",
        DifferenceKind.Flags => record.Flags.ToString(),
        DifferenceKind.InternalDate => Text(record.InternalDate),
        _ => $"{record.Size:N0} octets, sha256 {record.Content}",
    }, actual);

    public static string Text(DateTimeOffset date) => date.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public void Fail(MailException exception)
    {
        Failure = new Failure(exception.Reason.Code, exception.Message, exception.Reason.Hint);
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
        Run.Findings.AddUnlisted(_unlisted);
        _unlisted = 0;
    }
}

/// <summary>The one message that was on its way when a connection was lost, and how often in a row it was the
/// same.</summary>
internal sealed class Suspect
{
    // Networks fail too: only what ends the connection each time is a message's fault.
    private const int Most = 3;

    private (uint Uid, int Times) _last;

    public void Add(uint uid) => _last = _last.Uid == uid ? (uid, _last.Times + 1) : (uid, 1);

    public bool IsGuilty(uint uid) => _last.Uid == uid && _last.Times >= Most;
}
