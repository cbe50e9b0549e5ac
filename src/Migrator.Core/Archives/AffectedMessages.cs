using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Goes through snapshots, mailbox by mailbox, and finds the messages that cannot be restored.</summary>
/// <param name="index">Of what is there.</param>
/// <param name="lost">Objects that are there and damaged, with the blob that each is in.</param>
internal sealed class AffectedMessages(Archive archive, ArchiveIndex index, IReadOnlyDictionary<ObjectId, string> lost)
{
    private const string Nowhere = "index/";

    private readonly Dictionary<string, List<AffectedMessage>> _touched = new(StringComparer.Ordinal);
    private readonly Dictionary<(Core.Mail.FolderPath, Uid?, string), int> _seen = [];
    private readonly HashSet<SnapshotPage> _good = [];
    private readonly RecentContents _there = new();

    /// <summary>By the blob that is to blame.</summary>
    public IReadOnlyDictionary<string, List<AffectedMessage>> Found => _touched;

    /// <param name="snapshots">Of one mailbox.</param>
    /// <param name="damaged">Receives snapshots that cannot be read.</param>
    public async Task FindAsync(IReadOnlyList<SnapshotName> snapshots, Action<string, string> damaged, CancellationToken stop)
    {
        // Mailboxes seldom share a page.
        _good.Clear();
        _seen.Clear();
        using var reader = new ObjectReader(archive, index);
        await foreach (var (name, reading) in archive.ReadEachAsync(snapshots.OrderByDescending(name => name.Sequence), stop))
        {
            try
            {
                var snapshot = await reading;
                foreach (var folder in snapshot.Folders)
                    await LookAsync(reader, name, snapshot, folder, damaged, stop);
                foreach (var page in snapshot.Keys)
                    await reader.PageAsync(page, stop);
            }
            catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
            {
                damaged(name.Name, exception.Message);
            }
        }
    }

    private async Task LookAsync(
        ObjectReader reader,
        SnapshotName name,
        Snapshot snapshot,
        SnapshotFolder folder,
        Action<string, string> damaged,
        CancellationToken stop
    )
    {
        foreach (var page in folder.Pages.Where(page => !_good.Contains(page)))
        {
            IReadOnlyList<ArchivedMessage> messages;
            try
            {
                messages = await SnapshotPages.ReadAsync(reader, page, stop);
            }
            catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
            {
                await BlameAsync(reader, page, snapshot, name, folder, exception.Message, damaged, stop);
                continue;
            }
            var whole = true;
            List<ArchivedMessage> unknown = [.. messages.Where(message => !_there.Contains(message.Content))];
            List<ObjectId> ids = [.. unknown.Select(message => archive.Keys.AddressOf(message.Content))];
            foreach (var (message, id, places) in unknown.Zip(ids, index.FindAll(ids)))
            {
                if (places.Count > 0 && !lost.ContainsKey(id))
                {
                    _there.Add(message.Content);
                    continue;
                }
                whole = false;
                Touch(lost.GetValueOrDefault(id, Nowhere), snapshot, name, folder, message.Uid);
            }
            // An older snapshot that shares a page has nothing new to say, unless something is to be counted.
            if (whole)
                _good.Add(page);
        }
    }

    /// <summary>Finds out which of the two pages cannot be read.</summary>
    private async Task BlameAsync(
        ObjectReader reader,
        SnapshotPage page,
        Snapshot snapshot,
        SnapshotName name,
        SnapshotFolder folder,
        string why,
        Action<string, string> damaged,
        CancellationToken stop
    )
    {
        var blamed = false;
        foreach (var content in new[] { page.Identity, page.Flags })
        {
            try
            {
                await reader.PageAsync(content, stop);
            }
            catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
            {
                (blamed, why) = (true, exception.Message);
                Blame(archive.Keys.AddressOf(content));
            }
        }
        if (!blamed)
            Blame(archive.Keys.AddressOf(page.Identity));

        void Blame(ObjectId id)
        {
            var blob = lost.TryGetValue(id, out var pack) ? pack : index.Find(id)?.Pack ?? Nowhere;
            damaged(blob, why);
            Touch(blob, snapshot, name, folder, null);
        }
    }

    private void Touch(string blob, Snapshot snapshot, SnapshotName name, SnapshotFolder folder, Uid? uid)
    {
        if (!_touched.TryGetValue(blob, out var messages))
            _touched[blob] = messages = [];
        if (_seen.TryGetValue((folder.Path, uid, blob), out var place))
        {
            messages[place] = messages[place] with { Snapshots = messages[place].Snapshots + 1 };
            return;
        }
        _seen[(folder.Path, uid, blob)] = messages.Count;
        messages.Add(new AffectedMessage(snapshot.Mailbox, folder.Path, uid, name.Id, 1));
    }
}
