using System.Runtime.CompilerServices;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The messages of one folder of a snapshot. Of all of them only the UIDs are in memory: a page is read again when something in it
/// is asked for, because a folder may have a million messages, of which each takes a hundred bytes.</summary>
internal sealed class FolderMessages
{
    // What is asked for in parts ends in the middle of a page, and continues there.
    private const int MostKept = 2;

    private readonly Func<int, CancellationToken, Task<IReadOnlyList<ArchivedMessage>>> _read;
    private readonly UidSet _uids;

    // For each page, the messages in it and in those before it.
    private readonly int[] _ends;
    private readonly List<(int Page, IReadOnlyList<ArchivedMessage> Messages)> _kept = [];

    private FolderMessages(UidSet uids, int[] ends, Func<int, CancellationToken, Task<IReadOnlyList<ArchivedMessage>>> read) =>
        (_uids, _ends, _read) = (uids, ends, read);

    /// <summary>Reads all pages once: a folder of which one is missing cannot be opened.</summary>
    /// <exception cref="Failures.StorageException">A page is missing or damaged.</exception>
    public static async Task<FolderMessages> OpenAsync(ObjectReader reader, SnapshotFolder folder, CancellationToken cancellationToken)
    {
        var (uids, ends) = (new List<Uid>(folder.Count), new int[folder.Pages.Count]);
        for (var page = 0; page < ends.Length; page++)
        {
            foreach (var message in await SnapshotPages.ReadAsync(reader, folder.Pages[page], cancellationToken))
                uids.Add(message.Uid);
            ends[page] = uids.Count;
        }
        return new FolderMessages(UidSet.Of(uids), ends, (page, token) => SnapshotPages.ReadAsync(reader, folder.Pages[page], token));
    }

    /// <param name="messages">Ascending by UID.</param>
    public static FolderMessages Of(IReadOnlyList<ArchivedMessage> messages) =>
        new(UidSet.Of(messages.Select(message => message.Uid)), [messages.Count], (_, _) => Task.FromResult(messages));

    /// <summary>The UIDs from <paramref name="from"/> on, ascending.</summary>
    public UidSet UidsFrom(Uid from) => _uids.From(from);

    /// <summary>Those of these messages that there are, ascending and each once, as many at a time as one page has of them.</summary>
    /// <exception cref="Failures.StorageException">A page cannot be read any more.</exception>
    public async IAsyncEnumerable<IReadOnlyList<ArchivedMessage>> ReadAsync(
        IReadOnlyList<Uid> uids,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var places = new List<int>(uids.Count);
        foreach (var uid in IsAscending(uids) ? uids : (IEnumerable<Uid>)uids.Distinct().Order())
        {
            if (_uids.IndexOf(uid) is >= 0 and var place)
                places.Add(place);
        }
        for (var next = 0; next < places.Count; )
        {
            var page = PageOf(places[next]);
            var (first, end) = (page == 0 ? 0 : _ends[page - 1], _ends[page]);
            var (messages, some) = (await PageAsync(page, cancellationToken), new List<ArchivedMessage>());
            for (; next < places.Count && places[next] < end; next++)
                some.Add(messages[places[next] - first]);
            yield return some;
        }
    }

    private static bool IsAscending(IReadOnlyList<Uid> uids)
    {
        for (var place = 1; place < uids.Count; place++)
        {
            if (uids[place] <= uids[place - 1])
                return false;
        }
        return true;
    }

    /// <summary>The first page that ends behind this place.</summary>
    private int PageOf(int place)
    {
        // A page of which all messages are gone ends where the one before it does.
        var (low, high) = (0, _ends.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ends[middle] > place)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }

    private async Task<IReadOnlyList<ArchivedMessage>> PageAsync(int page, CancellationToken cancellationToken)
    {
        if (_kept.FindIndex(kept => kept.Page == page) is >= 0 and var place)
            return _kept[place].Messages;
        var messages = await _read(page, cancellationToken);
        if (_kept.Count == MostKept)
            _kept.RemoveAt(0);
        _kept.Add((page, messages));
        return messages;
    }
}
