using System.Collections.Concurrent;
using Migrator.Core.Mail;
using Migrator.Core.Redaction;

namespace Migrator.Core.Progress;

/// <summary>What a run has done so far. The engine writes it from several tasks; a view reads it whenever it
/// wants.</summary>
public sealed class RunProgress
{
    private readonly ConcurrentQueue<FolderProgress> _folders = new();
    private readonly ConcurrentQueue<string> _notices = new();
    private readonly ConcurrentDictionary<string, bool> _said = new();
    private readonly long[] _dated = new long[Enum.GetValues<ReceivedDateSource>().Length];
    private long _unproved,
        _short;
    private string? _firstShort;
    private volatile string _phase = "Connecting";

    /// <summary>For metrics and traces; null to go by the job alone.</summary>
    public RunIdentity? Identity { get; init; }

    /// <summary>While a run is in progress; null otherwise.</summary>
    internal IRunObserver? Observer { get; set; }

    /// <summary>In words for a person: "Connecting", "Listing folders", "Copying", "Comparing".</summary>
    public string Phase
    {
        get => _phase;
        set => _phase = value;
    }

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
    public void Dated(ReceivedDate arrival)
    {
        Interlocked.Increment(ref _dated[(int)arrival.From]);
        if (arrival.SizeUnproved)
            Interlocked.Increment(ref _unproved);
    }

    /// <summary>A message came with fewer bytes than its server lists.</summary>
    public void CameShort(FolderPath folder, Uid uid, long came, long listed)
    {
        Interlocked.Increment(ref _short);
        Interlocked.CompareExchange(ref _firstShort, $"{folder} UID {uid}, {came:N0} of {listed:N0} bytes", null);
    }

    /// <summary>Says what is to be known of the messages as they came: where dates were taken from, and whether all of them came.</summary>
    public void NoticeArrivals()
    {
        if (_short > 0)
            Notice(
                $"{_short:N0} message{(_short == 1 ? "" : "s")} arrived shorter than the source lists "
                    + $"{(_short == 1 ? "it" : "them")} (RFC822.SIZE), for example {_firstShort}. "
                    + "Some servers only estimate sizes, others cut messages short: compare one of them with what a mail program shows."
            );
        if (_dated.Sum() > 0)
            Notice(
                $"The source keeps no dates of arrival. They were taken from the Received header of {_dated[0]:N0} messages, "
                    + $"from the Date header of {_dated[1]:N0}"
                    + (_dated[2] > 0 ? $"; {_dated[2]:N0} have neither and got the time of download." : ".")
            );
        if (_unproved > 0)
            Notice(
                $"The source only estimates sizes. {_unproved:N0} message{(_unproved == 1 ? "" : "s")} arrived twice with the same "
                    + "size, which is not the one that it lists: "
                    + $"that all of {(_unproved == 1 ? "it" : "them")} arrived is not proved, and "
                    + $"{(_unproved == 1 ? "it is never" : "none of them is ever")} deleted at the source."
            );
    }
}
