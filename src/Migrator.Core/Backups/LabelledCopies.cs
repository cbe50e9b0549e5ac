using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Core.Backups;

/// <summary>Messages of folders that are labels, once the folder of all mail is stored: what is there need not be fetched again.</summary>
/// <param name="all">Stored by now.</param>
/// <param name="open">Reads what is stored.</param>
internal sealed class LabelledCopies(BackupFolder all, Func<ObjectReader> open) : IDisposable
{
    private const int Most = 5000;

    // Of more, one listing of the whole folder costs less than the searches.
    private const int MostSearched = 500;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly UidSet _stored = all.Settled;
    private Dictionary<ulong, Uid>? _ids;

    /// <summary>Takes for stored what a folder shows of it. May be repeated after a failure.</summary>
    public async Task TakeAsync(BackupFolder folder, SessionPair sessions, CancellationToken stop)
    {
        var settled = folder.Settled;
        foreach (
            var wanted in folder
                .Wanted.SelectMany(some => some.Read())
                .Where(summary => !settled.Contains(summary.Uid))
                .Chunk(Most)
                .Select(some => some.ToDictionary(summary => summary.Uid))
        )
        {
            if (!await TakeAsync(folder, wanted, sessions, stop))
                return;
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <returns>False where UIDs mean other messages by now.</returns>
    private async Task<bool> TakeAsync(
        BackupFolder folder,
        Dictionary<Uid, MessageSummary> wanted,
        SessionPair sessions,
        CancellationToken stop
    )
    {
        if (!await OpenAsync(sessions, folder, stop))
            return false;
        var shown = await LabelledMail.LabelsAsync(sessions.Source, [.. wanted.Keys.Order()], stop);
        if (!await OpenAsync(sessions, all, stop))
            return false;
        var there = await FindAsync(sessions.Source, [.. shown.Select(message => message.Id)], stop);
        var places = shown.Where(message => there.ContainsKey(message.Id)).ToLookup(message => there[message.Id], message => message.Uid);
        using var reader = open();
        await foreach (var some in all.FindAsync(reader, UidSet.Of(places.Select(place => place.Key)), stop))
        {
            foreach (var stored in some)
            {
                // Nobody but the server says that it is the same: it must at least be as long.
                foreach (var uid in places[stored.Uid].Where(uid => stored.Size == wanted[uid].Size))
                    folder.Stored(wanted[uid], stored.Content, stored.Size, arrival: null);
            }
        }
        return true;
    }

    /// <returns>False where UIDs mean other messages by now.</returns>
    private static async Task<bool> OpenAsync(SessionPair sessions, BackupFolder folder, CancellationToken stop) =>
        (await sessions.OpenSourceFolderAsync(folder.Folder.Path, stop)).UidValidity == folder.State?.UidValidity;

    /// <param name="source">With the folder of all mail open.</param>
    private async Task<IReadOnlyDictionary<ulong, Uid>> FindAsync(
        IMailSource source,
        IReadOnlyCollection<ulong> ids,
        CancellationToken stop
    )
    {
        await _turn.WaitAsync(stop);
        try
        {
            if (_ids is null && ids.Count <= MostSearched)
                return await source.FindAsync(ids, stop);
            return _ids ??= (await LabelledMail.LabelsAsync(source, _stored, stop))
                .DistinctBy(message => message.Id)
                .ToDictionary(message => message.Id, message => message.Uid);
        }
        finally
        {
            _turn.Release();
        }
    }
}
