using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Reads objects by their ids. One call at a time.</summary>
internal sealed class ObjectReader(Archive archive, ArchiveIndex index) : IDisposable
{
    // One request for many neighbours; a gap of dead bytes is cheaper to read than to skip.
    private const long MaxRequest = 8 << 20;
    private const long MaxGap = 256 << 10;
    private const int OpenPacks = 16;

    private readonly SegmentBuffers _buffers = new();
    private readonly Dictionary<string, BlobReader> _packs = [];

    // Asked once: for each of the messages in it, the store would say the same.
    private readonly Dictionary<string, StorageException> _offline = [];

    /// <summary>Says where objects lie.</summary>
    public ArchiveIndex Index => index;

    /// <summary>Reads a page and looks whether it is what was written.</summary>
    /// <exception cref="StorageException"><see cref="Reason.ArchiveDamaged"/>, <see cref="Reason.BlobMissing"/>.</exception>
    public async Task<byte[]> PageAsync(ContentId content, CancellationToken cancellationToken)
    {
        StorageException? damage = null;
        foreach (var place in index.FindAll(archive.Keys.AddressOf(content)))
        {
            try
            {
                var reader = await PackAsync(place.Pack, cancellationToken);
                var bytes = await reader.ReadAsync(place.Offset, place.Stored, cancellationToken);
                if (ContentId.Of(bytes) == content)
                    return bytes;
                damage ??= BlobReader.Damaged(archive.Store, place.Pack, $"the page at byte {place.Offset:N0} is not what was written");
            }
            catch (StorageException exception) when (MayBeElsewhere(place.Pack, exception))
            {
                // A copy that is only offline is not lost.
                damage = damage is null || exception.Reason == Reason.BlobOffline ? exception : damage;
            }
        }
        throw damage ?? Unknown(content);
    }

    /// <summary>Whether the index says where both pages lie.</summary>
    public bool Knows(SnapshotPage page) => Knows(page.Identity) && Knows(page.Flags);

    /// <summary>Whether the index says where the page or message lies.</summary>
    public bool Knows(ContentId content) => index.Contains(archive.Keys.AddressOf(content));

    /// <summary>The same for many, in their order.</summary>
    public IEnumerable<bool> Know(IReadOnlyList<ContentId> contents) =>
        index.FindAll([.. contents.Select(archive.Keys.AddressOf)]).Select(places => places.Count > 0);

    /// <summary>Reads messages in the order in which they are given, neighbours in one request.</summary>
    /// <param name="open">Where the bytes of the next one go.</param>
    /// <param name="done">Called when all bytes of one have been written. Where it finds that they are not the right ones, it returns
    /// false, and the message is read from another place, if there is one.</param>
    /// <param name="failed">Called instead when one can be read nowhere.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task ReadAsync(
        IReadOnlyList<ArchivedMessage> messages,
        Func<ArchivedMessage, Stream> open,
        Func<ArchivedMessage, Stream, ValueTask<bool>> done,
        Func<ArchivedMessage, StorageException, ValueTask> failed,
        CancellationToken cancellationToken
    )
    {
        for (var first = 0; first < messages.Count; )
        {
            if (index.Find(archive.Keys.AddressOf(messages[first].Content)) is not { } start)
            {
                await failed(messages[first], Unknown(messages[first].Content));
                first++;
                continue;
            }
            var run = Run(messages, first, start);
            first += await ReadRunAsync(messages, first, start.Pack, run, open, done, failed, cancellationToken);
        }
    }

    public void Dispose()
    {
        foreach (var pack in _packs.Values)
            pack.Dispose();
        _packs.Clear();
    }

    /// <summary>The places of this message and of those after it that lie behind it in the same pack.</summary>
    private List<(long Offset, long Stored)> Run(IReadOnlyList<ArchivedMessage> messages, int first, ObjectPlace start)
    {
        var run = new List<(long Offset, long Stored)> { (start.Offset, start.Stored) };
        for (var next = first + 1; next < messages.Count; next++)
        {
            var end = run[^1].Offset + run[^1].Stored;
            if (
                index.Find(archive.Keys.AddressOf(messages[next].Content)) is not { } place
                || place.Pack != start.Pack
                || place.Offset < end
                || place.Offset > end + MaxGap
                || place.Offset + place.Stored - start.Offset > MaxRequest
            )
                break;
            run.Add((place.Offset, place.Stored));
        }
        return run;
    }

    /// <returns>How many messages were dealt with.</returns>
    private async Task<int> ReadRunAsync(
        IReadOnlyList<ArchivedMessage> messages,
        int first,
        string pack,
        List<(long Offset, long Stored)> run,
        Func<ArchivedMessage, Stream> open,
        Func<ArchivedMessage, Stream, ValueTask<bool>> done,
        Func<ArchivedMessage, StorageException, ValueTask> failed,
        CancellationToken cancellationToken
    )
    {
        Stream blob;
        BlobReader reader;
        try
        {
            reader = await PackAsync(pack, cancellationToken);
            blob = await reader.OpenAsync(run[0].Offset, run[^1].Offset + run[^1].Stored - run[0].Offset, cancellationToken);
        }
        catch (StorageException exception) when (MayBeElsewhere(pack, exception))
        {
            await ReadElsewhereAsync(messages[first], pack, exception, open, done, failed, cancellationToken);
            return 1;
        }
        await using (blob)
        {
            var position = run[0].Offset;
            for (var number = 0; number < run.Count; number++)
            {
                for (var skip = run[number].Offset - position; skip > 0; )
                {
                    var skipped = await blob.ReadAsync(new byte[Math.Min(skip, 1 << 16)], cancellationToken);
                    skip = skipped == 0 ? 0 : skip - skipped;
                }
                var message = messages[first + number];
                var output = open(message);
                try
                {
                    position = run[number].Offset + await reader.CopyAsync(blob, run[number].Offset, output, cancellationToken);
                }
                catch (StorageException exception)
                {
                    // Where the next one begins is not known in this stream any more: a new request is.
                    await output.DisposeAsync();
                    await ReadElsewhereAsync(message, pack, exception, open, done, failed, cancellationToken);
                    return number + 1;
                }
                catch
                {
                    await output.DisposeAsync();
                    throw;
                }
                if (!await done(message, output))
                    await ReadElsewhereAsync(message, pack, NotStored(message, pack), open, done, failed, cancellationToken);
                // A damaged one may have run on into the next, which is whole: a new request finds its beginning.
                if (position != run[number].Offset + run[number].Stored)
                    return number + 1;
            }
        }
        return run.Count;
    }

    /// <summary>Reads a message from the other places where it lies.</summary>
    /// <param name="pack">Where its copy is damaged.</param>
    private async Task ReadElsewhereAsync(
        ArchivedMessage message,
        string pack,
        StorageException damage,
        Func<ArchivedMessage, Stream> open,
        Func<ArchivedMessage, Stream, ValueTask<bool>> done,
        Func<ArchivedMessage, StorageException, ValueTask> failed,
        CancellationToken cancellationToken
    )
    {
        foreach (
            var place in ArchiveContents.MayBeElsewhere(damage)
                ? index.FindAll(archive.Keys.AddressOf(message.Content)).Where(place => place.Pack != pack)
                : []
        )
        {
            try
            {
                var reader = await PackAsync(place.Pack, cancellationToken);
                await using var blob = await reader.OpenAsync(place.Offset, place.Stored, cancellationToken);
                var output = open(message);
                try
                {
                    await reader.CopyAsync(blob, place.Offset, output, cancellationToken);
                }
                catch
                {
                    await output.DisposeAsync();
                    throw;
                }
                if (await done(message, output))
                    return;
            }
            catch (StorageException exception) when (MayBeElsewhere(place.Pack, exception))
            {
                // The first place is named, unless another is only offline: then nothing is lost.
                damage = exception.Reason == Reason.BlobOffline ? exception : damage;
            }
        }
        await failed(message, damage);
    }

    private StorageException NotStored(ArchivedMessage message, string pack) =>
        BlobReader.Damaged(archive.Store, pack, $"the archive's copy of UID {message.Uid} is not what was stored");

    private async Task<BlobReader> PackAsync(string name, CancellationToken cancellationToken)
    {
        if (_offline.TryGetValue(name, out var offline))
            throw new StorageException(offline.Reason, offline.Message, offline);
        if (_packs.TryGetValue(name, out var reader))
            return reader;
        if (_packs.Count >= OpenPacks)
            Dispose();
        return _packs[name] = await BlobReader.OpenAsync(archive, name, _buffers, cancellationToken);
    }

    private bool MayBeElsewhere(string pack, StorageException exception)
    {
        if (exception.Reason == Reason.BlobOffline)
            _offline.TryAdd(pack, exception);
        return ArchiveContents.MayBeElsewhere(exception);
    }

    private StorageException Unknown(ContentId content) =>
        new(Reason.ArchiveDamaged, $"{archive.Location}: no known pack contains the object {archive.Keys.AddressOf(content)}.");
}
