using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Archives;

/// <summary>The golden mailbox as a server without UIDs, dates and flags shows it.</summary>
internal sealed class GoldenPop3Source(IUidMap uidMap, bool second) : IDeletableSource
{
    private readonly MemoryMailSource _inner = GoldenMailbox.Pop3Source(second);

    /// <summary>What the UID map held when the folder was opened.</summary>
    public IReadOnlyList<UidMapEntry> Found { get; private set; } = [];

    public async Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) =>
        [.. (await _inner.ListFoldersAsync(cancellationToken)).Select(folder => folder with { State = null })];

    public async Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        var entries = await uidMap.ReadAsync(cancellationToken);
        Found = Found.Count == 0 ? entries : Found;
        await uidMap.AddAsync(
            [.. GoldenMailbox.UidMap(second).ExceptBy(entries.Select(entry => entry.Uid), entry => entry.Uid)],
            cancellationToken
        );
        return await _inner.OpenAsync(folder, cancellationToken);
    }

    public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken) => _inner.ListUidsAsync(from, cancellationToken);

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        _inner.FetchSummariesAsync(uids, cancellationToken);

    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    ) => _inner.FetchFlagsAsync(uids, since, cancellationToken);

    public Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken) =>
        _inner.FetchAsync(uids, new Dating(receiver), cancellationToken);

    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        _inner.FetchSubjectsAsync(uids, cancellationToken);

    public bool SizeFits(Uid uid) => true;

    public Task RemoveAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => default;

    private sealed class Dating(IContentSink receiver) : IContentSink
    {
        public Stream Open(Uid? uid, long size) => receiver.Open(uid, size);

        public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken) =>
            receiver.CompleteAsync(uid, content, GoldenMailbox.ArrivalOf(uid), cancellationToken);
    }
}
