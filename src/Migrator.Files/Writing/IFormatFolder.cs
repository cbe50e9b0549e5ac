using Migrator.Core.Mail;
using Migrator.Files.Bytes;

namespace Migrator.Files.Writing;

/// <summary>Writes the messages of one folder, in one format, one after the other.</summary>
internal interface IFormatFolder : IDisposable
{
    /// <summary>Its file or directory below the root, with <c>/</c>.</summary>
    string Place { get; }

    /// <summary>Begins a message.</summary>
    /// <param name="date">Its INTERNALDATE, where it is known by now.</param>
    /// <returns>Where its bytes go.</returns>
    IByteSink Begin(DateTimeOffset? date);

    /// <summary>All bytes of the message have been written, and <see cref="IByteSink.End"/> was called.</summary>
    WrittenMessage Commit(MessageSummary message, long size);

    /// <summary>The message was cut short: as if it had not been begun.</summary>
    void Abandon();

    /// <summary>No message will come any more.</summary>
    /// <returns>The size of the folder's file, where all its messages share one.</returns>
    long? End();
}
