using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Search;

/// <summary>What a mailbox held in all its snapshots. A folder that did not change for a year takes the room of one.</summary>
internal sealed class MailboxHistory
{
    private readonly List<FolderSpan> _spans = [];
    private readonly List<(SnapshotName Name, DateTimeOffset Time)> _snapshots = [];
    private Dictionary<FolderPath, FolderSpan> _open = [];

    private MailboxHistory(ArchivedMailbox mailbox) => (Mailbox, Newest) = (mailbox.Newest.Mailbox, mailbox.Newest);

    /// <summary>What the mailbox is called.</summary>
    public string Mailbox { get; }

    /// <summary>The snapshots that can be read, in order; what was written on the way is left out once something later is there.</summary>
    public IReadOnlyList<(SnapshotName Name, DateTimeOffset Time)> Snapshots => _snapshots;

    public Snapshot Newest { get; private set; }

    public IReadOnlyList<FolderSpan> Spans => _spans;

    /// <param name="damaged">Receives snapshots that cannot be read.</param>
    public static async Task<MailboxHistory> ReadAsync(
        Archive archive,
        ArchivedMailbox mailbox,
        Action<string> damaged,
        CancellationToken stop
    )
    {
        var history = new MailboxHistory(mailbox);
        var names = mailbox.History.Names;
        var times = names.Index().ToDictionary(name => name.Item, name => mailbox.History.TimeOf(name.Index));
        await foreach (
            var (name, reading) in archive.ReadEachAsync(
                names.Where(name => name.State != SnapshotState.InProgress || name == names[^1]),
                stop
            )
        )
        {
            try
            {
                history.Add(name, times[name], await reading);
            }
            catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
            {
                damaged($"{exception.Message} What only this snapshot contains is not searched. {exception.Reason.Hint}");
            }
        }
        return history;
    }

    /// <summary>Where in <see cref="Snapshots"/> this one is; null where it is not among them.</summary>
    public int? Find(SnapshotName? name) => _snapshots.FindIndex(snapshot => snapshot.Name == name) is >= 0 and var place ? place : null;

    private void Add(SnapshotName name, DateTimeOffset time, Snapshot snapshot)
    {
        var (place, now) = (_snapshots.Count, new Dictionary<FolderPath, FolderSpan>());
        _snapshots.Add((name, time));
        Newest = snapshot;
        foreach (var folder in snapshot.Folders.Where(folder => folder.Selectable))
        {
            var validity = folder.State?.UidValidity ?? 0;
            if (
                !_open.TryGetValue(folder.Path, out var span)
                || span.UidValidity != validity
                || !span.Pages.SequenceEqual(folder.Pages.Select(page => page.Identity))
            )
                _spans.Add(span = new FolderSpan(folder.Path, validity, [.. folder.Pages.Select(page => page.Identity)], place));
            span.Last = place;
            now[folder.Path] = span;
        }
        _open = now;
    }
}
