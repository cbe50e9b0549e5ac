using Migrator.Core.Mail;

namespace Migrator.Tests.Memory;

/// <summary>A session that writes a mailbox in memory: what <see cref="IMailTarget"/> promises, in the fewest words.</summary>
/// <param name="mailbox">What it holds.</param>
internal sealed class MemoryMailTarget(MemoryMailSource mailbox) : IMailTarget
{
    private readonly MemoryMailSource _reader = mailbox.Session();

    /// <summary>Of one append; each message is answered for alone only where <see cref="IsPipelined"/>.</summary>
    public int MaxBatch { get; init; } = 1;

    public bool IsPipelined { get; init; }

    /// <summary>UIDPLUS (RFC 4315).</summary>
    public bool NamesUids { get; init; } = true;

    /// <summary>It tells the UIDs of so many messages that one command moves.</summary>
    public int MostNamed { get; init; } = int.MaxValue;

    /// <summary>Without MOVE: what is moved is copied before it is removed.</summary>
    public bool MovesByCopy { get; init; }

    /// <summary>HIGHESTMODSEQ rises with each change (RFC 7162).</summary>
    public bool KeepsModSeqs { get; init; }

    /// <summary>A rule of its user: where a message goes the moment it arrives; null for no other folder.</summary>
    public Func<byte[], FolderPath?> Rule { get; init; } = _ => null;

    /// <summary>Called when an append has begun.</summary>
    public Action BeforeAppend { get; init; } = () => { };

    /// <summary>Called before each message is handed over.</summary>
    public Action<Uid>? BeforeMessage
    {
        init => _reader.BeforeMessage = value;
    }

    public TargetCapabilities Traits => new(MaxBatch, null, '/', []) { NamesCopies = NamesUids, RemovesMessages = NamesUids };

    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) =>
        _reader.ListFoldersAsync(cancellationToken);

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) =>
        _reader.OpenAsync(folder, cancellationToken);

    public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken) => _reader.ListUidsAsync(from, cancellationToken);

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        _reader.FetchSummariesAsync(uids, cancellationToken);

    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    ) => _reader.FetchFlagsAsync(uids, since, cancellationToken);

    public Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken) =>
        _reader.FetchAsync(uids, receiver, cancellationToken);

    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        _reader.FetchSubjectsAsync(uids, cancellationToken);

    public Task<IReadOnlyCollection<char>> RefusedInNamesAsync(IReadOnlyCollection<char> characters, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyCollection<char>>([]);

    public Task<bool> FoldsCaseAsync(FolderPath folder, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<long?> MaxSizeAsync(FolderPath folder, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public Task<IReadOnlyList<MailQuota>?> QuotasAsync(FolderPath folder, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MailQuota>?>(null);

    public Task CreateFolderAsync(FolderPath folder, SpecialUse use, CancellationToken cancellationToken)
    {
        using var turn = mailbox.Turn.EnterScope();
        if (Find(folder) is null)
            mailbox.Add(folder, use, subscribed: false, uidValidity: 100 + (uint)mailbox.Folders.Count).HighestModSeq = KeepsModSeqs
                ? 1UL
                : 0;
        return Task.CompletedTask;
    }

    public Task<bool> DeleteFolderAsync(FolderPath folder, FolderState? expected, CancellationToken cancellationToken)
    {
        using var turn = mailbox.Turn.EnterScope();
        return Task.FromResult(
            Find(folder) is { Messages.Count: 0 } found
                && !folder.IsInbox
                && found.State.UidValidity == expected?.UidValidity
                && found.State.UidNext == expected?.UidNext
                && mailbox.Folders.All(other => other.Path.Parent != folder)
                && mailbox.Folders.Remove(found)
        );
    }

    public Task SubscribeAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        using var turn = mailbox.Turn.EnterScope();
        Find(folder)!.Subscribed = true;
        return Task.CompletedTask;
    }

    public FlagSet FilterPermanentFlags(FlagSet flags) => flags;

    public Task<AppendResult> AppendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        BeforeAppend();
        using var turn = mailbox.Turn.EnterScope();
        var stored = new List<AppendedMessage>();
        foreach (var message in messages)
        {
            using var bytes = new MemoryStream();
            using (var content = message.Content())
                content.CopyTo(bytes);
            var uid = Add(_reader.Opened, bytes.ToArray(), message.Flags, message.InternalDate ?? DateTimeOffset.UtcNow);
            stored.Add(new AppendedMessage(AppendState.Stored, NamesUids ? new TargetUid(uid) : default, null, _reader.Opened.UidValidity));
            if (Rule(bytes.ToArray()) is { } other)
                Move(uid, other);
        }
        return Task.FromResult(new AppendResult(stored, null));
    }

    public Task RenameFolderAsync(FolderPath folder, FolderPath name, CancellationToken cancellationToken)
    {
        using var turn = mailbox.Turn.EnterScope();
        foreach (var before in mailbox.Folders.ToList())
        {
            if (!before.Path.Names.Take(folder.Names.Count).SequenceEqual(folder.Names))
                continue;
            var after = new MemoryMailSource.Folder(
                name.Concat(before.Path.Names.Skip(folder.Names.Count)),
                before.Use,
                before.Selectable,
                before.Subscribed,
                before.UidValidity
            )
            {
                HighestModSeq = before.HighestModSeq,
                LastUid = before.LastUid,
            };
            foreach (var (uid, message) in before.Messages)
                after.Messages[uid] = message;
            mailbox.Folders[mailbox.Folders.IndexOf(before)] = after;
        }
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<CopiedMessage>> CopyAsync(
        IReadOnlyList<TargetUid> uids,
        FolderPath folder,
        CancellationToken cancellationToken
    )
    {
        using var turn = mailbox.Turn.EnterScope();
        var to = Find(folder)!;
        return Task.FromResult<IReadOnlyList<CopiedMessage>>([
            .. Here(uids)
                .Select(message => new CopiedMessage(
                    new TargetUid(message.Uid),
                    to.UidValidity,
                    new TargetUid(Add(to, message.Bytes, message.Flags, message.InternalDate))
                )),
        ]);
    }

    public Task<IReadOnlyList<CopiedMessage>> MoveAsync(
        IReadOnlyList<TargetUid> uids,
        FolderPath folder,
        CancellationToken cancellationToken
    )
    {
        using var turn = mailbox.Turn.EnterScope();
        var to = Find(folder)!;
        List<CopiedMessage> moved =
        [
            .. Here(uids)
                .Select(message => new CopiedMessage(new TargetUid(message.Uid), to.UidValidity, new TargetUid(Move(message.Uid, folder)))),
        ];
        return Task.FromResult<IReadOnlyList<CopiedMessage>>(NamesUids ? [.. moved.Take(MostNamed)] : []);
    }

    public Task RemoveAsync(IReadOnlyList<TargetUid> uids, CancellationToken cancellationToken)
    {
        using var turn = mailbox.Turn.EnterScope();
        foreach (var message in Here(uids))
            Remove(message.Uid);
        return Task.CompletedTask;
    }

    public Task StoreFlagsAsync(IReadOnlyList<TargetUid> uids, FlagSet add, FlagSet remove, CancellationToken cancellationToken)
    {
        using var turn = mailbox.Turn.EnterScope();
        foreach (var message in Here(uids))
        {
            _reader.Opened.Messages[message.Uid] = message with
            {
                Flags = new FlagSet(message.Flags.Except(remove).Flags.Concat(add.Flags)),
            };
            Changed(_reader.Opened);
        }
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    private MemoryMailSource.Folder? Find(FolderPath folder) => mailbox.Folders.Find(known => known.Path == folder);

    private List<MemoryMailSource.Message> Here(IReadOnlyList<TargetUid> uids) =>
        [
            .. uids.Select(uid => uid.Uid)
                .Distinct()
                .Order()
                .Where(_reader.Opened.Messages.ContainsKey)
                .Select(uid => _reader.Opened.Messages[uid]),
        ];

    private Uid Add(MemoryMailSource.Folder folder, byte[] bytes, FlagSet flags, DateTimeOffset date)
    {
        Changed(folder);
        return folder.Add(bytes, flags.ToString(), date);
    }

    private Uid Move(Uid uid, FolderPath folder)
    {
        var message = _reader.Opened.Messages[uid];
        var moved = Add(Find(folder)!, message.Bytes, message.Flags, message.InternalDate);
        Remove(uid);
        return moved;
    }

    private void Remove(Uid uid)
    {
        _reader.Opened.LastUid = _reader.Opened.State.UidNext.Value - 1;
        _reader.Opened.Messages.Remove(uid);
        Changed(_reader.Opened);
    }

    private void Changed(MemoryMailSource.Folder folder) => folder.HighestModSeq += KeepsModSeqs ? 1UL : 0;
}
