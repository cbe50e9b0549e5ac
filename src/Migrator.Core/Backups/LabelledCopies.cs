using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Core.Backups;

/// <summary>Messages of folders that are labels, once the folder of all mail is stored: what is there need not be fetched again.</summary>
/// <param name="all">Stored by now.</param>
internal sealed class LabelledCopies(BackupFolder all) : IDisposable
{
    // Of more, one listing of the whole folder costs less than the searches.
    private const int MostSearched = 500;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<Uid, ArchivedMessage> _stored = (all.Messages() ?? []).ToDictionary(message => message.Uid);
    private Dictionary<ulong, Uid>? _ids;

    /// <summary>Takes for stored what a folder shows of it. May be repeated after a failure.</summary>
    public async Task TakeAsync(BackupFolder folder, SessionPair sessions, CancellationToken stop)
    {
        var wanted = folder.Wanted.ToDictionary(summary => summary.Uid);
        if (wanted.Count == 0)
            return;
        if (!await OpenAsync(sessions, folder, stop))
            return;
        var shown = await LabelledMail.LabelsAsync(sessions.Source, [.. wanted.Keys.Order()], stop);
        if (!await OpenAsync(sessions, all, stop))
            return;
        var there = await FindAsync(sessions.Source, [.. shown.Select(message => message.Id)], stop);
        foreach (var message in shown)
        {
            if (
                there.TryGetValue(message.Id, out var uid)
                && _stored.TryGetValue(uid, out var stored)
                // Nobody but the server says that it is the same: it must at least be as long.
                && stored.Size == wanted[message.Uid].Size
            )
                folder.Stored(wanted[message.Uid], stored.Content, stored.Size, arrival: null);
        }
    }

    public void Dispose() => _turn.Dispose();

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
            return _ids ??= (await LabelledMail.LabelsAsync(source, [.. _stored.Keys.Order()], stop))
                .DistinctBy(message => message.Id)
                .ToDictionary(message => message.Id, message => message.Uid);
        }
        finally
        {
            _turn.Release();
        }
    }
}
