using Migrator.App.Formatting;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Archives;

/// <summary>The golden mailbox as a server without UIDs, dates and flags shows it.</summary>
internal sealed class GoldenPop3Source(IUidMap uidMap, bool second) : IDeletableSource
{
    private readonly MemoryMailSource _inner = GoldenMailbox.Pop3Source(second);

    /// <summary>What the book held when the folder was opened.</summary>
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

    public Task<IReadOnlyList<uint>> ListUidsAsync(uint from, CancellationToken cancellationToken) =>
        _inner.ListUidsAsync(from, cancellationToken);

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        _inner.FetchSummariesAsync(uids, cancellationToken);

    public Task<IReadOnlyList<(uint Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<uint> uids,
        ulong since,
        CancellationToken cancellationToken
    ) => _inner.FetchFlagsAsync(uids, since, cancellationToken);

    public Task FetchAsync(IReadOnlyList<uint> uids, IContentSink receiver, CancellationToken cancellationToken) =>
        _inner.FetchAsync(uids, new Dating(receiver), cancellationToken);

    public Task<IReadOnlyDictionary<uint, string>> FetchSubjectsAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        _inner.FetchSubjectsAsync(uids, cancellationToken);

    public bool SizeFits(uint uid) => true;

    public Task RemoveAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => default;

    private sealed class Dating(IContentSink receiver) : IContentSink
    {
        public Stream Open(uint? uid, long size) => receiver.Open(uid, size);

        public ValueTask CompleteAsync(uint uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken) =>
            receiver.CompleteAsync(uid, content, GoldenMailbox.ArrivalOf(uid), cancellationToken);
    }
}
