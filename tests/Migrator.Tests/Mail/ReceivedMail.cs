using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Tests.Mail;

/// <summary>Keeps what comes, and insists on the size that was announced.</summary>
internal sealed class ReceivedMail : IContentSink
{
    public SortedDictionary<Uid, string> Messages { get; } = [];

    public Dictionary<Uid, ReceivedDate?> Arrivals { get; } = [];

    public Stream Open(Uid? uid, long size) => new Announced(size);

    public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
    {
        using var announced = (Announced)content;
        if (announced.Length != announced.Size)
            throw new InvalidOperationException($"{announced.Size} bytes were announced, {announced.Length} came.");
        Messages.Add(uid, Encoding.Latin1.GetString(announced.ToArray()));
        Arrivals.Add(uid, arrival);
        return default;
    }

    private sealed class Announced(long size) : MemoryStream
    {
        public long Size => size;
    }
}
