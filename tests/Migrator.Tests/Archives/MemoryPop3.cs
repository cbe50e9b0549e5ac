using Migrator.Core.Mail;
using Migrator.Tests.Memory;
using MimeKit;
using MimeKit.Utils;

namespace Migrator.Tests.Archives;

/// <summary>A mailbox as POP3 shows it: messages have names, and UIDs by a UID map.</summary>
internal sealed class MemoryPop3
{
    /// <summary>UIDL and bytes, in the order of the listing.</summary>
    public List<(string Uidl, byte[] Bytes)> Messages { get; } = [];

    /// <summary>UIDLs of messages that are listed, but not returned.</summary>
    public HashSet<string> Withheld { get; } = [];

    public IMailSource Session(IUidMap uidMap) => new Source(this, uidMap);

    private sealed class Source(MemoryPop3 box, IUidMap uidMap) : IDeletableSource
    {
        private readonly MemoryMailSource _inner = new MemoryMailSource().Session();
        private readonly Dictionary<Uid, string> _uidls = [];
        private readonly HashSet<Uid> _read = [];

        public async Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken)
        {
            if (_inner.Folders.Count == 0)
                _inner.Add("INBOX", SpecialUse.Inbox);
            return [.. (await _inner.ListFoldersAsync(cancellationToken)).Select(folder => folder with { State = null })];
        }

        public async Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken)
        {
            await ListFoldersAsync(cancellationToken);
            var known = (await uidMap.ReadAsync(cancellationToken)).ToDictionary(entry => entry.Key, entry => entry.Uid);
            foreach (var (uidl, bytes) in box.Messages)
            {
                if (!known.TryGetValue($"uidl:{uidl}", out var uid))
                {
                    known.Add($"uidl:{uidl}", uid = known.Values.DefaultIfEmpty().Max().Next);
                    await uidMap.AddAsync([new UidMapEntry($"uidl:{uidl}", uid, MemoryArchive.Epoch)], cancellationToken);
                }
                if (_uidls.TryAdd(uid, uidl))
                    _inner.Folders[0].Add(bytes, uid: uid);
            }
            _inner.Folders[0].LastUid = known.Values.DefaultIfEmpty().Max();
            return await _inner.OpenAsync(folder, cancellationToken);
        }

        public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken) => _inner.ListUidsAsync(from, cancellationToken);

        public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
            _inner.FetchSummariesAsync(uids, cancellationToken);

        public async Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
            IReadOnlyList<Uid> uids,
            ulong since,
            CancellationToken cancellationToken
        )
        {
            await _inner.FetchFlagsAsync(uids, since, cancellationToken);
            return [];
        }

        public async Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken)
        {
            _inner.Withheld.UnionWith(_uidls.Where(known => box.Withheld.Contains(known.Value)).Select(known => known.Key));
            await _inner.FetchAsync(uids, new Dating(receiver, _inner.Opened), cancellationToken);
            _read.UnionWith(uids.Where(_uidls.ContainsKey));
        }

        public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
            _inner.FetchSubjectsAsync(uids, cancellationToken);

        public bool SizeFits(Uid uid) => _read.Contains(uid);

        public Task RemoveAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            box.Messages.RemoveAll(message => uids.Any(uid => _uidls.GetValueOrDefault(uid) == message.Uidl));
            return DisposeAsync().AsTask();
        }

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }

    /// <summary>POP3 keeps no dates: each message comes with that of its header.</summary>
    private sealed class Dating(IContentSink receiver, MemoryMailSource.Folder folder) : IContentSink
    {
        public Stream Open(Uid? uid, long size) => receiver.Open(uid, size);

        public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            var date = MemoryMailSource.Field(folder.Messages[uid].Bytes, HeaderId.Date);
            return receiver.CompleteAsync(
                uid,
                content,
                date is not null && DateUtils.TryParse(date, out var sent)
                    ? new ReceivedDate(sent, ReceivedDateSource.Date)
                    : new ReceivedDate(MemoryArchive.Epoch, ReceivedDateSource.Now),
                cancellationToken
            );
        }
    }
}
