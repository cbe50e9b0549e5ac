using Migrator.Core.Mail;

namespace Migrator.Core.Exports;

/// <summary>Writes the messages of one folder, one after the other.</summary>
public interface IFolderWriter : IDisposable
{
    /// <summary>Begins a message.</summary>
    /// <param name="date">Its INTERNALDATE, where it is known by now.</param>
    void Begin(DateTimeOffset? date);

    /// <summary>Takes the next bytes of the message.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>All bytes of the message have been written.</summary>
    /// <param name="message">With its final date; its size is what the source announced.</param>
    /// <param name="content">Of the bytes that were written.</param>
    /// <param name="size">How many they were.</param>
    void Commit(MessageSummary message, ContentId content, long size);

    /// <summary>The message was cut short: as if it had not been begun.</summary>
    void Abandon();

    /// <summary>No message will come any more, whether or not all came.</summary>
    void End();
}
