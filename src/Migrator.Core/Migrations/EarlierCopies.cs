using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Messages that a target whose folders are labels had before they were delivered to it (Gmail, by Message-ID). It answers as if
/// it had stored them, and keeps the content and the date of its earlier copy, even of one in its trash.</summary>
internal sealed class EarlierCopies : IDisposable
{
    public const string InTrash = "the target took it for a message in its trash or spam, and stored no other";

    private readonly SemaphoreSlim _turn = new(1);
    private readonly HashSet<ulong> _new = [];
    private readonly HashSet<ContentId> _sent = [],
        _sentTwice = [];
    private IReadOnlySet<FolderPath> _trash = new HashSet<FolderPath>();
    private MailFolder? _all;
    private Uid _next;

    /// <summary>Whether there can be any.</summary>
    public bool Any { get; private set; }

    /// <param name="target">Its folders, before anything is delivered.</param>
    public void Begin(IReadOnlyList<MailFolder> target)
    {
        Any = target.Any(folder => folder.IsLabel);
        _trash = target.Where(folder => folder.Use is SpecialUse.Trash or SpecialUse.Junk).Select(folder => folder.Path).ToHashSet();
        _all = target.FirstOrDefault(LabelledMail.IsAll);
        _next = _all?.State?.UidNext ?? default;
    }

    /// <summary>A message is about to be sent. Two sessions may send two messages with one Message-ID at the same time: then nobody knows
    /// which of them the target has stored, and neither is taken for new.</summary>
    /// <param name="messageId">Of its header; null where it has none.</param>
    public void Sending(ContentId? messageId)
    {
        lock (_sent)
        {
            if (messageId is { } id && !_sent.Add(id))
                _sentTwice.Add(id);
        }
    }

    /// <summary>Whether another message with this Message-ID was sent in this run, or is about to be. To be asked after the
    /// append.</summary>
    public bool IsSentTwice(ContentId? messageId)
    {
        lock (_sent)
            return messageId is { } id && _sentTwice.Contains(id);
    }

    /// <summary>Examines what was delivered to a folder. Open that again afterwards.</summary>
    /// <param name="uids">Of the open folder.</param>
    /// <returns>Those that are not new, or of which nothing shows that they are.</returns>
    public async Task<IReadOnlyList<EarlierCopy>> FindAsync(
        FolderPath folder,
        IMailTarget session,
        IReadOnlyList<Uid> uids,
        CancellationToken stop
    )
    {
        if (_trash.Contains(folder))
            return [.. uids.Select(uid => new EarlierCopy(uid, Trashed: false))];
        var messages = await LabelledMail.LabelsAsync(session, uids, stop);
        var earlier = _all is null ? messages : await WithoutNewAsync(messages, session, _all, stop);
        var trashed = await TrashedAsync(session, earlier, stop);
        return [.. earlier.Select(message => new EarlierCopy(message.Uid, trashed.Contains(message.Uid)))];
    }

    /// <summary>Finds out which messages of a folder are in the target's trash or spam as well. Open it again afterwards.</summary>
    /// <param name="uids">Of the open folder.</param>
    public async Task<IReadOnlySet<Uid>> TrashedAsync(
        FolderPath folder,
        IMailTarget session,
        IReadOnlyList<Uid> uids,
        CancellationToken stop
    ) =>
        _trash.Contains(folder)
            ? new HashSet<Uid>()
            : await TrashedAsync(session, await LabelledMail.LabelsAsync(session, uids, stop), stop);

    public void Dispose() => _turn.Dispose();

    private async Task<IReadOnlySet<Uid>> TrashedAsync(IMailTarget session, IReadOnlyList<LabelledMessage> messages, CancellationToken stop)
    {
        HashSet<ulong> ids = [.. messages.Select(message => message.Id)],
            found = [];
        // What is not among all mail is in the trash or in spam, shown or not. Without all mail, these are asked.
        IEnumerable<FolderPath> places = _all is null ? _trash : [_all.Path];
        foreach (var place in places)
        {
            await session.OpenAsync(place, stop);
            found.UnionWith((await session.FindAsync(ids, stop)).Keys);
        }
        return messages.Where(message => found.Contains(message.Id) == (_all is null)).Select(message => message.Uid).ToHashSet();
    }

    private async Task<IReadOnlyList<LabelledMessage>> WithoutNewAsync(
        IReadOnlyList<LabelledMessage> messages,
        IMailTarget session,
        MailFolder all,
        CancellationToken stop
    )
    {
        await _turn.WaitAsync(stop);
        try
        {
            var state = await session.OpenAsync(all.Path, stop);
            // Renumbered, or without a number to begin with, nothing shows what is new.
            if (_next.IsKnown && state.UidValidity == all.State?.UidValidity)
            {
                var uids = await session.ListUidsAsync(_next, stop);
                _new.UnionWith((await LabelledMail.LabelsAsync(session, uids, stop)).Select(message => message.Id));
                if (uids.Count > 0)
                    _next = uids[^1].Next;
            }
            // Two messages may have become one, wherever they were delivered to: the second is not new.
            return [.. messages.Where(message => !_new.Remove(message.Id))];
        }
        finally
        {
            _turn.Release();
        }
    }
}
