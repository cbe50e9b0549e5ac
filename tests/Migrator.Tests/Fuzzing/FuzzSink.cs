using Migrator.Core.Mail;

namespace Migrator.Tests.Fuzzing;

/// <summary>Takes messages and insists on what <see cref="IMailSource.FetchAsync"/> promises.</summary>
/// <param name="asked">Nothing else may come.</param>
internal sealed class FuzzSink(IEnumerable<Uid> asked) : IContentSink
{
    private readonly HashSet<Uid> _asked = [.. asked];
    private readonly Dictionary<Uid, ContentId> _taken = [];

    public IReadOnlyDictionary<Uid, ContentId> Taken => _taken;

    public Stream Open(Uid? uid, long size) => new Content(size);

    public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        var taken = (Content)content;
        if (!_asked.Contains(uid))
            throw new InvalidOperationException($"UID {uid} came, and was not asked for.");
        if (!_taken.TryAdd(uid, taken.Id()))
            throw new InvalidOperationException($"UID {uid} came twice.");
        if (taken.Length != taken.Announced)
            throw new InvalidOperationException($"UID {uid} was to have {taken.Announced} bytes and came with {taken.Length}.");
        return default;
    }

    private sealed class Content(long announced) : MemoryStream
    {
        public long Announced => announced;

        public ContentId Id() => ContentId.Of(GetBuffer().AsSpan(0, (int)Length));
    }
}
