using Migrator.App.Formatting;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Archives;

/// <summary>A mailbox as POP3 shows it: messages have names, and UIDs by a book.</summary>
internal sealed class MemoryPop3
{
    /// <summary>UIDL and octets, in the order of the listing.</summary>
    public List<(string Uidl, byte[] Octets)> Messages { get; } = [];

    public IMailSource Session(IUidBook book) => new Source(this, book);

    private sealed class Source(MemoryPop3 box, IUidBook book) : IRemovableSource
    {
        private readonly MemoryMailSource _inner = new();
        private readonly Dictionary<uint, string> _uidls = [];

        public async Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken)
        {
            if (_inner.Folders.Count == 0)
                _inner.Add("INBOX", SpecialUse.Inbox);
            return [.. (await _inner.ListFoldersAsync(cancellationToken)).Select(folder => folder with { State = null })];
        }

        public async Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken)
        {
            await ListFoldersAsync(cancellationToken);
            var known = (await book.ReadAsync(cancellationToken)).ToDictionary(entry => entry.Key, entry => entry.Uid);
            foreach (var (uidl, octets) in box.Messages)
            {
                if (!known.TryGetValue($"uidl:{uidl}", out var uid))
                {
                    known.Add($"uidl:{uidl}", uid = known.Values.DefaultIfEmpty().Max() + 1);
                    await book.AddAsync([new UidEntry($"uidl:{uidl}", uid, MemoryArchive.Epoch)], cancellationToken);
                }
                if (_uidls.TryAdd(uid, uidl))
                    _inner.Folders[0].Add(octets, uid: uid);
            }
            return await _inner.OpenAsync(folder, cancellationToken);
        }

        public Task<IReadOnlyList<uint>> ListUidsAsync(uint from, CancellationToken cancellationToken) => _inner.ListUidsAsync(from, cancellationToken);

        public Task<IReadOnlyList<MessageSummary>> SummarizeAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => _inner.SummarizeAsync(uids, cancellationToken);

        public Task<IReadOnlyList<(uint Uid, FlagSet Flags)>> FlagsAsync(IReadOnlyList<uint> uids, ulong since, CancellationToken cancellationToken) => _inner.FlagsAsync(uids, since, cancellationToken);

        public Task FetchAsync(IReadOnlyList<uint> uids, IContentReceiver receiver, CancellationToken cancellationToken) => _inner.FetchAsync(uids, receiver, cancellationToken);

        public Task<IReadOnlyDictionary<uint, string>> SubjectsAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => _inner.SubjectsAsync(uids, cancellationToken);

        public bool SizeFits(uint uid) => true;

        public Task RemoveAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
        {
            box.Messages.RemoveAll(message => uids.Any(uid => _uidls.GetValueOrDefault(uid) == message.Uidl));
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => default;
    }
}
