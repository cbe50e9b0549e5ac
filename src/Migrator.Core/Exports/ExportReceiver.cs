using System.Security.Cryptography;
using Migrator.Core.Mail;

namespace Migrator.Core.Exports;

/// <summary>Takes messages from a source and hands them straight to the writer of one folder.</summary>
/// <param name="wanted">Emptied of what came.</param>
/// <param name="written">Given the size of each message that was written.</param>
internal sealed class ExportReceiver(IFolderWriter folder, Dictionary<Uid, MessageSummary> wanted, Action<long> written) : IContentSink
{
    public Stream Open(Uid? uid, long size)
    {
        var date = uid is { } known && wanted.TryGetValue(known, out var summary) ? summary.InternalDate : (DateTimeOffset?)null;
        folder.Begin(date);
        return new MessageStream(folder);
    }

    public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        await using var message = (MessageStream)content;
        if (!wanted.Remove(uid, out var summary))
            return;
        if (arrival is { } known)
            summary = summary with { InternalDate = known.Date };
        message.Commit(summary);
        written(message.Length);
    }

    /// <summary>Not seekable in truth: it takes being wound back by who wrote it, and nobody reads here.</summary>
    private sealed class MessageStream(IFolderWriter folder) : WriteOnlyStream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _length;
        private bool _ended;

        public override long Length => _length;

        public void Commit(MessageSummary summary)
        {
            folder.Commit(summary, new ContentId(_hash.GetHashAndReset()), _length);
            _ended = true;
        }

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            folder.Write(bytes);
            _hash.AppendData(bytes);
            _length += bytes.Length;
        }

        protected override void Dispose(bool disposing)
        {
            if (!_ended)
            {
                _ended = true;
                folder.Abandon();
            }
            _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
