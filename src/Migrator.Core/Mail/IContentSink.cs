namespace Migrator.Core.Mail;

/// <summary>Takes the bytes of messages as they come from a source.</summary>
public interface IContentSink
{
    /// <summary>Where the bytes of the message that comes next are to be written. Called before any of them is read,
    /// so that no message need be held in memory.</summary>
    /// <param name="uid">Its UID, where the server has said it by now.</param>
    /// <param name="size">How many bytes will be written, in bytes: exact.</param>
    Stream Open(Uid? uid, long size);

    /// <summary>All bytes have been written to <paramref name="content"/>, which came from <see cref="Open"/>. Not
    /// called for a message that was cut short; its stream is disposed instead.</summary>
    /// <param name="uid">Its UID.</param>
    /// <param name="content">What <see cref="Open"/> gave.</param>
    /// <param name="arrival">The date that stands in for INTERNALDATE, where the source keeps none; it replaces what the summary
    /// said.</param>
    /// <param name="cancellationToken">Cancelling ends the session.</param>
    ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken);
}
