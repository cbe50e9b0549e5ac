using System.Collections.Concurrent;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Redaction;
using Migrator.Core.Reports;

namespace Migrator.Core.Runs;

/// <summary>What a run has done so far. The engine writes it from several tasks; a view reads it whenever it
/// wants.</summary>
public sealed class RunProgress
{
    private readonly ConcurrentQueue<FolderProgress> _folders = new();
    private readonly ConcurrentQueue<string> _notices = new();
    private readonly ConcurrentDictionary<string, bool> _said = new();
    private readonly long[] _dated = new long[Enum.GetValues<ArrivalSource>().Length];
    private long _unproved, _short;
    private string? _firstShort;
    private volatile string _phase = "Connecting";

    /// <summary>For metrics and traces; null to go by the job alone.</summary>
    public RunIdentity? Identity { get; init; }

    /// <summary>While a run goes on.</summary>
    internal RunMeasure? Measure { get; set; }

    /// <summary>In words for a person: "Connecting", "Listing folders", "Copying", "Comparing".</summary>
    public string Phase { get => _phase; set => _phase = value; }

    /// <summary>In the order in which the run takes them up.</summary>
    public IReadOnlyCollection<FolderProgress> Folders => _folders;

    public IReadOnlyCollection<string> Notices => _notices;

    public FolderProgress Add(FolderPath source, FolderPath? target, long expected)
    {
        var folder = new FolderProgress(source, target) { Expected = expected, Run = this };
        _folders.Enqueue(folder);
        return folder;
    }

    public void Notice(string text) => _notices.Enqueue(SecretRedactor.Redact(text));

    /// <summary>Likewise, of what may be so for many folders: only the first is named.</summary>
    /// <param name="what">The same for all of them.</param>
    public void NoticeOnce(string what, string text)
    {
        if (_said.TryAdd(what, true))
            Notice(text);
    }

    /// <summary>A message got its date from its own header, because its source keeps none.</summary>
    public void Dated(Arrival arrival)
    {
        Interlocked.Increment(ref _dated[(int)arrival.From]);
        if (arrival.SizeUnproved)
            Interlocked.Increment(ref _unproved);
    }

    /// <summary>A message came with fewer octets than its server lists.</summary>
    public void CameShort(FolderPath folder, uint uid, long came, long listed)
    {
        Interlocked.Increment(ref _short);
        Interlocked.CompareExchange(ref _firstShort, $"{folder} UID {uid}, {came:N0} of {listed:N0} octets", null);
    }

    /// <summary>Says what is to be known of the messages as they came: where dates were taken from, and whether all of them came.</summary>
    public void NoticeArrivals()
    {
        if (_short > 0)
            Notice($"{_short:N0} message{(_short == 1 ? "" : "s")} came shorter than the source lists {(_short == 1 ? "it" : "them")} (RFC822.SIZE), for example {_firstShort}. "
                + "Some servers only estimate sizes, others cut messages short: compare one of them with what a mail program shows.");
        if (_dated.Sum() > 0)
            Notice($"The source keeps no dates of arrival. They were taken from the Received header of {_dated[0]:N0} messages, from the Date header of {_dated[1]:N0}; {_dated[2]:N0} have neither and got the time of download.");
        if (_unproved > 0)
            Notice($"The source only estimates sizes. {_unproved:N0} message{(_unproved == 1 ? "" : "s")} came twice with the same size, which is not the one that it lists: "
                + $"that all of {(_unproved == 1 ? "it" : "them")} came is not proved, and {(_unproved == 1 ? "it is never" : "none of them is ever")} deleted at the source.");
    }
}

/// <summary>One folder's counters; see <see cref="MessageCounts"/> for what they mean.</summary>
public sealed class FolderProgress(FolderPath source, FolderPath? target)
{
    private long _expected, _found, _delivered, _alreadyThere, _vanished, _skipped, _failed, _deliveredOctets, _captured, _capturedOctets;
    private volatile FolderPhase _phase;

    internal RunProgress? Run { get; init; }

    public FolderPath Source { get; } = source;

    public FolderPath? Target { get; } = target;

    public FolderPhase Phase { get => _phase; set => _phase = value; }

    /// <summary>Messages, by what the server said at listing: for a percentage before all are found.</summary>
    public long Expected { get => Interlocked.Read(ref _expected); set => Interlocked.Exchange(ref _expected, value); }

    /// <summary>Messages read from the source (by verify: from both ends).</summary>
    public long CapturedMessages => Interlocked.Read(ref _captured);

    /// <summary>Octets read from the source (by verify: from both ends).</summary>
    public long CapturedOctets => Interlocked.Read(ref _capturedOctets);

    /// <summary><see cref="MessageCounts.Remaining"/> is what no other count holds yet.</summary>
    public MessageCounts Counts
    {
        get
        {
            // Found is read last: it is raised first, so that what remains is never below zero.
            var (delivered, alreadyThere, vanished) = (Interlocked.Read(ref _delivered), Interlocked.Read(ref _alreadyThere), Interlocked.Read(ref _vanished));
            var (skipped, failed, octets) = (Interlocked.Read(ref _skipped), Interlocked.Read(ref _failed), Interlocked.Read(ref _deliveredOctets));
            var found = Interlocked.Read(ref _found);
            return new(found, delivered, alreadyThere, vanished, skipped, failed,
                found - delivered - alreadyThere - vanished - skipped - failed, octets);
        }
    }

    /// <summary>Nothing of it counts: the folder is read from its beginning again.</summary>
    public void BeginAnew()
    {
        _found = _delivered = _alreadyThere = _vanished = _skipped = _failed = _deliveredOctets = _captured = _capturedOctets = 0;
    }

    public void Found(long messages) => Interlocked.Add(ref _found, messages);

    /// <summary>One message was read.</summary>
    public void Captured(long octets)
    {
        Interlocked.Add(ref _capturedOctets, octets);
        Interlocked.Increment(ref _captured);
    }

    public void Delivered(long messages, long octets)
    {
        Interlocked.Add(ref _deliveredOctets, octets);
        Interlocked.Add(ref _delivered, messages);
    }

    public void AlreadyThere(long messages) => Interlocked.Add(ref _alreadyThere, messages);

    public void Vanished(long messages) => Interlocked.Add(ref _vanished, messages);

    public void Skipped(long messages) => Interlocked.Add(ref _skipped, messages);

    public void Failed(long messages) => Interlocked.Add(ref _failed, messages);

    /// <param name="reason">The code of a <see cref="Reason"/>.</param>
    public void Failed(long messages, string reason)
    {
        Failed(messages);
        if (Run?.Measure is { } run)
            RunMetrics.Failed(run, reason, messages);
    }

    /// <summary>The folder as a whole was given up.</summary>
    /// <param name="reason">The code of a <see cref="Reason"/>.</param>
    public void GivenUp(string reason)
    {
        Phase = FolderPhase.Failed;
        if (Run?.Measure is { } run)
            RunMetrics.FolderFailed(run, reason);
    }
}

public enum FolderPhase
{
    Waiting,
    Copying,
    Done,
    Failed,
}
