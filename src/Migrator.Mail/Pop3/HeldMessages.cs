using Migrator.Core.Mail;

namespace Migrator.Mail.Pop3;

/// <summary>Messages that were read, until it is proved that no answer was taken for another one's.</summary>
/// <param name="receiver">Gets them then. It has one message open at a time.</param>
/// <param name="together">Whether small messages wait for one proof that holds for all of them.</param>
internal sealed class HeldMessages(IContentSink receiver, bool together) : IAsyncDisposable
{
    // They are in memory.
    private const long MostBytes = 1 << 20;

    private readonly Queue<(Uid Uid, Stream Content, ReceivedDate Arrival)> _held = new();
    private long _bytes;

    public bool IsFull => !together || _bytes >= MostBytes;

    public bool HasRoomFor(long size) => together && _bytes + size <= MostBytes;

    /// <summary>As <see cref="IContentSink.Open"/>. Nothing may be held where there is no room.</summary>
    public Stream Open(Uid uid, long size) => HasRoomFor(size) ? new Buffered((int)size) : receiver.Open(uid, size);

    /// <param name="content">What <see cref="Open"/> gave, with all bytes.</param>
    public void Add(Uid uid, Stream content, ReceivedDate arrival)
    {
        _held.Enqueue((uid, content, arrival));
        _bytes += content.Length;
    }

    /// <summary>It is proved.</summary>
    public async Task HandOverAsync(CancellationToken cancellationToken)
    {
        _bytes = 0;
        while (_held.TryDequeue(out var message))
        {
            var content = message.Content is Buffered buffered ? await PassAsync(message.Uid, buffered) : message.Content;
            content.Position = 0;
            await receiver.CompleteAsync(message.Uid, content, message.Arrival, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_held.TryDequeue(out var message))
            await message.Content.DisposeAsync();
    }

    private async Task<Stream> PassAsync(Uid uid, Buffered buffered)
    {
        var content = receiver.Open(uid, buffered.Length);
        try
        {
            content.Write(buffered.GetBuffer().AsSpan(0, (int)buffered.Length));
            return content;
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
    }

    private sealed class Buffered(int size) : MemoryStream(size);
}
