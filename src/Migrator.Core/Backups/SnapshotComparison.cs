using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <summary>Compares the messages of a folder with those of a snapshot while both are read in the order of UIDs. Both know a message by the
/// same UID: once both were read up to there, it is compared, counted and dropped.</summary>
/// <remarks>Each end may add from a separate thread.</remarks>
internal sealed class SnapshotComparison(FolderPath folder, RunIssues findings)
{
    /// <summary>What was compared so far.</summary>
    /// <param name="Differences">Those that are to be listed.</param>
    public sealed record Summary(FolderComparison Result, IReadOnlyList<Difference> Differences)
    {
        public static Summary OfNothing(FolderPath folder) =>
            new(new FolderComparison([folder], folder, true, 0, 0, 0, 0, 0, 0, 0, 0, 0), []);
    }

    private readonly Dictionary<Uid, ReadMessage> _source = [],
        _archived = [];
    private readonly List<Difference> _differences = [];
    private readonly Dictionary<DifferenceKind, long> _counts = [];
    private bool _exists = true;
    private long _sourceMessages,
        _sourceBytes,
        _archivedMessages,
        _matched,
        _extra;

    /// <summary>The lowest UID that was not compared.</summary>
    public Uid Next { get; private set; } = 1;

    public bool ComparesFlagsAndDates { get; set; }

    public Summary Compared =>
        new(
            new FolderComparison(
                [folder],
                folder,
                _exists,
                _sourceMessages,
                _archivedMessages,
                _sourceBytes,
                _matched,
                Count(DifferenceKind.Missing),
                Count(DifferenceKind.Content),
                Count(DifferenceKind.Flags),
                Count(DifferenceKind.InternalDate),
                _extra
            ),
            _differences
        );

    public void AddSource(ReadMessage message) => _source.Add(message.Uid, message);

    public void AddArchived(ReadMessage message) => _archived.Add(message.Uid, message);

    public void FolderIsMissing()
    {
        if (!_exists)
            return;
        _exists = false;
        Differ(DifferenceKind.Folder, null, "there", "not in the snapshot");
    }

    /// <summary>Compares what was added and is no higher than a UID up to which both ends were read.</summary>
    /// <param name="unreadable">Of the source: listed, and not returned.</param>
    /// <param name="unreadableArchived">Of the archive, likewise.</param>
    public void CompareTo(Uid last, IReadOnlyCollection<Uid> unreadable, IReadOnlyCollection<Uid> unreadableArchived)
    {
        var lost = unreadableArchived.ToHashSet();
        var here = _source.Keys.Concat(unreadable).Where(uid => uid <= last).Order().ToList();
        foreach (var uid in here)
            Compare(uid, lost);
        foreach (var uid in _archived.Keys.Where(uid => uid <= last).ToList())
        {
            _archived.Remove(uid);
            _archivedMessages++;
            _extra++;
        }
        Next = last.Next;
    }

    /// <summary>Compares what was read before a connection was lost, and is not listed any more.</summary>
    public void CompareRest() => CompareTo(Uid.Max, [], []);

    private void Compare(Uid uid, HashSet<Uid> lost)
    {
        _sourceMessages++;
        if (!_source.Remove(uid, out var message))
        {
            Differ(DifferenceKind.Missing, uid, "the message", "cannot be compared: the source lists it but fails to return it");
            return;
        }
        _sourceBytes += message.Size;
        if (!_archived.Remove(uid, out var copy))
        {
            Differ(DifferenceKind.Missing, uid, "there", lost.Contains(uid) ? "the archive cannot return it" : "not in the snapshot");
            return;
        }
        _archivedMessages++;
        if (message.Content == copy.Content)
            _matched++;
        else
            Differ(DifferenceKind.Content, uid, $"{message.Size:N0} bytes, {message.Content}", $"{copy.Size:N0} bytes, {copy.Content}");
        if (!ComparesFlagsAndDates)
            return;
        if (message.Flags != copy.Flags)
            Differ(DifferenceKind.Flags, uid, message.Flags.ToString(), copy.Flags.ToString());
        if (message.Date != copy.Date && message.Dated)
            Differ(DifferenceKind.InternalDate, uid, message.Date.ToString("u"), copy.Date.ToString("u"));
    }

    private long Count(DifferenceKind kind) => _counts.GetValueOrDefault(kind);

    private void Differ(DifferenceKind kind, Uid? uid, string expected, string actual)
    {
        _counts[kind] = Count(kind) + 1;
        if (findings.Admit(kind))
            _differences.Add(new Difference(kind, folder, uid, folder, uid is { } both ? new TargetUid(both) : null, expected, actual));
    }
}
