using Migrator.App.Formatting;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Archives;

/// <summary>The golden mailbox as a server without UIDs, dates and flags shows it.</summary>
internal sealed class GoldenPop3Source(IUidBook book, bool second) : IRemovableSource
{
    private readonly MemoryMailSource _inner = GoldenMailbox.Pop3Source(second);

    /// <summary>What the book held when the folder was opened.</summary>
    public IReadOnlyList<UidEntry> Found { get; private set; } = [];

    public async Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) =>
        [.. (await _inner.ListFoldersAsync(cancellationToken)).Select(folder => folder with { State = null })];

    public async Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        var entries = await book.ReadAsync(cancellationToken);
        Found = Found.Count == 0 ? entries : Found;
        await book.AddAsync([.. GoldenMailbox.Book(second).ExceptBy(entries.Select(entry => entry.Uid), entry => entry.Uid)], cancellationToken);
        return await _inner.OpenAsync(folder, cancellationToken);
    }

    public Task<IReadOnlyList<uint>> ListUidsAsync(uint from, CancellationToken cancellationToken) => _inner.ListUidsAsync(from, cancellationToken);

    public Task<IReadOnlyList<MessageSummary>> SummarizeAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => _inner.SummarizeAsync(uids, cancellationToken);

    public Task<IReadOnlyList<(uint Uid, FlagSet Flags)>> FlagsAsync(IReadOnlyList<uint> uids, ulong since, CancellationToken cancellationToken) => _inner.FlagsAsync(uids, since, cancellationToken);

    public Task FetchAsync(IReadOnlyList<uint> uids, IContentReceiver receiver, CancellationToken cancellationToken) => _inner.FetchAsync(uids, new Dating(receiver), cancellationToken);

    public Task<IReadOnlyDictionary<uint, string>> SubjectsAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => _inner.SubjectsAsync(uids, cancellationToken);

    public bool SizeFits(uint uid) => true;

    public Task RemoveAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => default;

    private sealed class Dating(IContentReceiver receiver) : IContentReceiver
    {
        public Stream Open(uint? uid, long size) => receiver.Open(uid, size);

        public ValueTask CompleteAsync(uint uid, Stream content, Arrival? arrival, CancellationToken cancellationToken) =>
            receiver.CompleteAsync(uid, content, GoldenMailbox.ArrivalOf(uid), cancellationToken);
    }
}
