using Migrator.Core.Mail;

namespace Migrator.Tests.Conformance.Sources;

/// <summary>Keeps what a source hands over, and watches how it does so.</summary>
internal sealed class WatchedReceiver : IContentSink
{
    private readonly List<Announced> _opened = [];
    private bool _busy;

    /// <summary>In the order in which they came.</summary>
    public List<(Uid Uid, byte[] Bytes, ReceivedDate? ReceivedDate)> Received { get; } = [];

    /// <summary>What the source did that it promises not to do.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>Awaited before a message is kept.</summary>
    public Func<Uid, ValueTask> Before { get; init; } = _ => default;

    public IEnumerable<Uid> Uids => Received.Select(message => message.Uid);

    /// <summary>Streams of messages that were begun and not handed over.</summary>
    public IEnumerable<Stream> Unfinished => _opened.Where(stream => !stream.Completed && !stream.Disposed);

    public Stream Open(Uid? uid, long size)
    {
        if (_busy)
            Broken.Add("A message was begun while the receiver was busy with the one before it.");
        var stream = new Announced(uid, size);
        _opened.Add(stream);
        return stream;
    }

    public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        _busy = true;
        var stream = (Announced)content;
        if (stream.Uid is { } announced && announced != uid)
            Broken.Add($"Message {uid} was announced as {announced}.");
        if (stream.Length != stream.Size)
            Broken.Add($"{stream.Size} bytes of message {uid} were announced, {stream.Length} came.");
        if (stream.Disposed || stream.Completed)
            Broken.Add($"Message {uid} was handed over in a stream that had come to its end.");
        stream.Completed = true;
        // A source that does not wait begins with the next message as soon as this call gives up the thread.
        await Task.Yield();
        await Before(uid);
        Received.Add((uid, stream.ToArray(), arrival));
        _busy = false;
    }

    private sealed class Announced(Uid? uid, long size) : WriteOnlyStream
    {
        private readonly MemoryStream _bytes = new();

        public Uid? Uid => uid;

        public long Size => size;

        public bool Completed { get; set; }

        public bool Disposed { get; private set; }

        public override long Length => _bytes.Length;

        public byte[] ToArray() => _bytes.ToArray();

        public override void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

        protected override void Dispose(bool disposing)
        {
            Disposed = true;
            base.Dispose(disposing);
        }
    }
}
