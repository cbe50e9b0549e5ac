using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Which rewrites a comparison accepts, and how the messages of one folder are read for it.</summary>
internal sealed class RewriteTolerance(IReadOnlySet<Rewrite> accepted)
{
    private readonly HeaderNames _names = new();

    public bool HeadersAdded => accepted.Contains(Rewrite.HeadersAdded);

    public bool LineEnds => accepted.Contains(Rewrite.LineEnds);

    private bool DatesByHeader => accepted.Contains(Rewrite.DatesByHeader);

    public IContentSink Reader(Action<Uid, ContentId, long, MessageParts, MessageTraits> seen) =>
        new MessageTraitsHasher(_names, LineEnds, seen);

    /// <returns>The field of the source's header that the target dates the message by; null where it does not, or that is not
    /// accepted.</returns>
    public string? DatedBy(ReadMessage source, ReadMessage target) =>
        !DatesByHeader ? null
        : IsAt(target.Date, source.Traits?.Sent) ? "Date"
        // Of the source: what the target has on top may be the moment at which the message was copied.
        : IsAt(target.Date, source.Traits?.Received) ? "Received"
        : null;

    private static bool IsAt(DateTimeOffset date, DateTimeOffset? written) => date.ToUnixTimeSeconds() == written?.ToUnixTimeSeconds();
}
