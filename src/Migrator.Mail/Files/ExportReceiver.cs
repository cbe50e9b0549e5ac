using System.Security.Cryptography;
using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Takes messages from a source and writes them straight into the files of one folder.</summary>
/// <param name="wanted">Emptied of what came.</param>
/// <param name="written">Given each message, where it is now, its content id and its size.</param>
internal sealed class ExportReceiver(
    string root,
    IFolderWriter folder,
    Dictionary<Uid, MessageSummary> wanted,
    Action<MessageSummary, WrittenMessage, ContentId, long> written
) : IContentSink
{
    public Stream Open(Uid? uid, long size)
    {
        var date = uid is { } known && wanted.TryGetValue(known, out var summary) ? summary.InternalDate : (DateTimeOffset?)null;
        return Export.Disk(root, () => new MessageStream(root, folder, folder.Begin(date)));
    }

    public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        await using var message = (MessageStream)content;
        if (!wanted.Remove(uid, out var summary))
            return;
        if (arrival is { } known)
            summary = summary with { InternalDate = known.Date };
        Export.Disk(
            root,
            () =>
            {
                var (file, hash) = message.Commit(summary);
                written(summary, file, hash, message.Length);
                return true;
            }
        );
    }

    /// <summary>Not seekable in truth: it takes being wound back by who wrote it, and nobody reads here.</summary>
    private sealed class MessageStream(string root, IFolderWriter folder, IByteSink bytes) : WriteOnlyStream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _length;
        private bool _ended;

        public override long Length => _length;

        public (WrittenMessage File, ContentId Hash) Commit(MessageSummary summary)
        {
            bytes.End();
            var file = folder.Commit(summary, _length);
            _ended = true;
            return (file, new ContentId(_hash.GetHashAndReset()));
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                bytes.Write(buffer);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Export.Disk<bool>(root, () => throw exception);
            }
            _hash.AppendData(buffer);
            _length += buffer.Length;
        }

        protected override void Dispose(bool disposing)
        {
            if (!_ended)
            {
                _ended = true;
                Export.Disk(
                    root,
                    () =>
                    {
                        folder.Abandon();
                        return true;
                    }
                );
            }
            _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
