using System.Threading.Channels;

namespace Migrator.Core.Migrations;

/// <summary>Makes batches of captured messages, in their order.</summary>
/// <param name="most">Messages in a batch, at this moment: after a lost connection, the first are alone.</param>
internal sealed class CapturedBatches(ChannelReader<CapturedMessage> input, Func<int> most) : IDisposable
{
    // Larger batches gain little and repeat more after a lost connection.
    private const long MostBytes = 4 << 20;

    private List<CapturedMessage> _next = [];
    private long _bytes;

    /// <summary>Waits for a message.</summary>
    /// <returns>False at the end, and after a stop.</returns>
    public async Task<bool> WaitAsync(CancellationToken stop)
    {
        try
        {
            return (_next.Count > 0 || await input.WaitToReadAsync(stop)) && !stop.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>What there is, until a batch is full.</summary>
    public List<CapturedMessage> Take()
    {
        Gather();
        var batch = _next;
        (_next, _bytes) = ([], 0);
        return batch;
    }

    /// <returns>Null where there is no full batch yet.</returns>
    public List<CapturedMessage>? TakeFull() => Gather() ? Take() : null;

    /// <returns>Whether the batch is full.</returns>
    private bool Gather()
    {
        var count = most();
        while (_next.Count < count && input.TryPeek(out var message))
        {
            if (_next.Count > 0 && _bytes + message.Entry.Length > MostBytes)
                return true;
            if (!input.TryRead(out message))
                break;
            _next.Add(message);
            _bytes += message.Entry.Length;
        }
        return _next.Count >= count;
    }

    /// <summary>Gives up what was not taken.</summary>
    public void Dispose()
    {
        foreach (var message in _next)
            message.Entry.Dispose();
    }
}
