using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Fetches messages again that a mailbox still has and the archive has lost.</summary>
internal sealed class LostMessages(Archive archive, ArchiveIndex index, PackWriter packs)
{
    /// <param name="account">The mailbox.</param>
    /// <param name="open">Opens a session with it; not called where nothing of it is lost.</param>
    /// <returns>How many were stored again.</returns>
    /// <exception cref="MailException">The mailbox cannot be read; what was fetched before is stored.</exception>
    public async Task<int> FetchAsync(string account, Func<CancellationToken, Task<IMailSource>> open, CancellationToken stop)
    {
        var wanted = await WantedAsync(account, stop);
        if (wanted.Count == 0)
            return 0;
        var fetched = 0;
        await using var source = await open(stop);
        foreach (var (path, validity) in wanted.Keys)
        {
            try
            {
                // Under another UIDVALIDITY the same UID is another message.
                if ((await source.OpenAsync(path, stop)).UidValidity != validity)
                    continue;
                var there = await source.ListUidsAsync(1, stop);
                var uids = wanted[(path, validity)].Keys.Where(there.Contains).Order().ToList();
                foreach (var chunk in uids.Chunk(100))
                    await source.FetchAsync(chunk, new Receiver(wanted[(path, validity)], StoreAsync), stop);
            }
            catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder)
            {
                // What cannot be read there stays lost; the report names it.
            }
        }
        return fetched;

        async Task StoreAsync(ContentId content, byte[] bytes)
        {
            var id = archive.Keys.AddressOf(content);
            if (!index.TryReserve(id))
                return;
            await packs.AddAsync(id, bytes, stop);
            fetched++;
        }
    }

    /// <summary>What snapshots of the account name and no pack holds, by folder, UIDVALIDITY and UID.</summary>
    private async Task<Dictionary<(FolderPath, UidValidity), Dictionary<Uid, ContentId>>> WantedAsync(
        string account,
        CancellationToken stop
    )
    {
        var (wanted, seen) = (new Dictionary<(FolderPath, UidValidity), Dictionary<Uid, ContentId>>(), new HashSet<SnapshotPage>());
        using var reader = new ObjectReader(archive, index);
        foreach (var name in await archive.SnapshotsAsync(account, stop))
        {
            IReadOnlyList<SnapshotFolder> folders;
            try
            {
                folders = (await archive.ReadAsync(name, stop)).Folders;
            }
            catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
            {
                continue;
            }
            foreach (var folder in folders.Where(folder => folder.State is not null))
            {
                foreach (var page in folder.Pages.Where(seen.Add))
                {
                    try
                    {
                        foreach (
                            var message in (await SnapshotPages.ReadAsync(reader, page, stop)).Where(message =>
                                !index.Contains(archive.Keys.AddressOf(message.Content))
                            )
                        )
                        {
                            var key = (folder.Path, folder.State!.Value.UidValidity);
                            if (!wanted.TryGetValue(key, out var messages))
                                wanted[key] = messages = [];
                            messages[message.Uid] = message.Content;
                        }
                    }
                    catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
                    {
                        // A lost page names nothing any more; the next backup lists its folder again.
                    }
                }
            }
        }
        return wanted;
    }

    private sealed class Receiver(Dictionary<Uid, ContentId> wanted, Func<ContentId, byte[], Task> store) : IContentSink
    {
        public Stream Open(Uid? uid, long size) => new MemoryStream();

        public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            using var held = (MemoryStream)content;
            var bytes = held.ToArray();
            if (wanted.TryGetValue(uid, out var id) && ContentId.Of(bytes) == id)
                await store(id, bytes);
        }
    }
}
