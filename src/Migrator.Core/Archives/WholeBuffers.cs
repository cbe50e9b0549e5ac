namespace Migrator.Core.Archives;

/// <summary>Room for a blob that is read whole, kept for the next one: new for each of hundreds of index blobs, megabytes would lie about
/// until the collector looks through all of the heap. One reader at a time.</summary>
internal sealed class WholeBuffers
{
    private const int Step = 1 << 18;

    private readonly MemoryStream _stored = new();

    public SegmentBuffers Segments { get; } = new();

    /// <summary>Empty.</summary>
    /// <param name="expected">Bytes that it is likely to take.</param>
    public MemoryStream Stored(int expected)
    {
        _stored.SetLength(0);
        if (_stored.Capacity < expected)
            _stored.Capacity = (expected + Step - 1) / Step * Step;
        return _stored;
    }
}
