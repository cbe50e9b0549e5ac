using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Writes mailboxes in one format.</summary>
internal interface IFormatWriter
{
    /// <summary>Begins a folder; one at a time.</summary>
    /// <param name="uidValidity">Makes names unique, where the format wants that.</param>
    IFolderWriter Begin(FolderPath path, UidValidity uidValidity);

    /// <summary>What the format keeps about the mailbox as a whole.</summary>
    void End(IReadOnlyList<FolderPath> subscribed);
}

/// <summary>Writes the messages of one folder, one after the other.</summary>
internal interface IFolderWriter : IDisposable
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

/// <param name="File">Below the root, with <c>/</c>.</param>
/// <param name="Offset">Where it begins in a file that holds several.</param>
internal readonly record struct WrittenMessage(string File, long? Offset);
