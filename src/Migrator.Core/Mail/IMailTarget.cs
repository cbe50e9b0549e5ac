using Migrator.Core.Failures;

namespace Migrator.Core.Mail;

/// <summary>One session that writes one mailbox, and can read back what is in it. <see cref="IMailSource.OpenAsync"/>
/// here opens for writing.</summary>
/// <remarks>Promises what <see cref="IMailSource"/> promises of failures. Creating a folder that is there, subscribing
/// to one that is subscribed to and storing flags that are set succeed and change nothing. Appending is not
/// idempotent: the caller writes down the intent first and looks at the target after a failure.</remarks>
public interface IMailTarget : IMailSource
{
    TargetCapabilities Traits { get; }

    /// <summary>Asks which of these characters the target takes in no folder name. Nothing is created.</summary>
    /// <returns>Those that it says so of; others may be refused all the same.</returns>
    Task<IReadOnlyCollection<char>> RefusedInNamesAsync(IReadOnlyCollection<char> characters, CancellationToken cancellationToken);

    /// <summary>Whether the target knows this folder by its name in other letters of upper and lower case too. Nothing is
    /// created.</summary>
    /// <param name="folder">One that exists.</param>
    /// <returns>False also where the name has no such letters, or the server does not say.</returns>
    Task<bool> FoldsCaseAsync(FolderPath folder, CancellationToken cancellationToken);

    /// <summary>The largest message that a folder takes, in bytes (APPENDLIMIT, RFC 7889); null where the server does not say. Not for a
    /// folder that is open.</summary>
    /// <param name="folder">One that exists.</param>
    Task<long?> MaxSizeAsync(FolderPath folder, CancellationToken cancellationToken);

    /// <summary>The quotas that mail in a folder counts towards (RFC 9208).</summary>
    /// <param name="folder">One that exists.</param>
    /// <returns>Empty where the server names none; null where it has no quotas to tell of.</returns>
    /// <exception cref="MailException">It refuses to tell.</exception>
    Task<IReadOnlyList<MailQuota>?> QuotasAsync(FolderPath folder, CancellationToken cancellationToken);

    /// <summary>Creates a folder and whatever is missing above it. The special use is asked for where the server takes
    /// one at creation (RFC 6154, section 3), and else left out.</summary>
    /// <exception cref="MailException"><see cref="Reason.FolderRefused"/>: the server does not take the name.</exception>
    Task CreateFolderAsync(FolderPath folder, SpecialUse use, CancellationToken cancellationToken);

    /// <summary>Renames a folder, with those below it (RFC 9051, section 6.3.6); its messages keep their UIDs. What is missing above the
    /// new name is created. It is subscribed to as it was before.</summary>
    /// <param name="folder">One that exists.</param>
    /// <exception cref="MailException"><see cref="Reason.FolderRefused"/>: the server does not rename it.</exception>
    Task RenameFolderAsync(FolderPath folder, FolderPath name, CancellationToken cancellationToken);

    /// <summary>Deletes a folder and the subscription to it, where it is as expected, has no messages and no folders below it. All of that
    /// is asked for immediately before: what a folder contains is gone with it.</summary>
    /// <param name="expected">Its state when it was opened last; UIDVALIDITY and UIDNEXT have to be the same still. Null for a folder that
    /// is not selectable.</param>
    /// <returns>Whether it was deleted; false for INBOX, and where it is not so, or no longer there. Open a folder again after
    /// it.</returns>
    /// <exception cref="MailException"><see cref="Reason.FolderRefused"/>: the server does not delete it.</exception>
    Task<bool> DeleteFolderAsync(FolderPath folder, FolderState? expected, CancellationToken cancellationToken);

    Task SubscribeAsync(FolderPath folder, CancellationToken cancellationToken);

    /// <summary>Adds rights to those that an identifier has on a folder. May be repeated.</summary>
    /// <exception cref="MailException">The server knows no such identifier, or the user may not give them.</exception>
    Task GrantAsync(FolderPath folder, AccessEntry entry, CancellationToken cancellationToken) =>
        throw new NotSupportedException("There are no access control lists here.");

    /// <summary>The flags that the open folder keeps (PERMANENTFLAGS), of those given.</summary>
    FlagSet FilterPermanentFlags(FlagSet flags);

    /// <summary>Appends these messages to the open folder, byte for byte and in this order.</summary>
    /// <param name="messages">1 to <see cref="TargetCapabilities.MaxBatch"/>.</param>
    /// <param name="cancellationToken">Cancelling ends the append early, like a lost connection.</param>
    /// <returns>What became of each message. No failure of the server or the network is thrown, nor the cancellation, because what was
    /// answered before it would be lost: record that first, then call <see cref="AppendResult.ThrowIfInterrupted"/>.</returns>
    Task<AppendResult> AppendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);

    /// <summary>Copies messages of the open folder to another one of this mailbox, with their flags and dates (COPY, RFC 9051, section
    /// 6.4.7). A message that is gone is skipped. Not idempotent, like an append.</summary>
    /// <returns>The copies whose UIDs the target tells (<see cref="TargetCapabilities.NamesCopies"/>): it may have made others.</returns>
    Task<IReadOnlyList<CopiedMessage>> CopyAsync(IReadOnlyList<TargetUid> uids, FolderPath folder, CancellationToken cancellationToken);

    /// <summary>Moves messages of the open folder to another one of this mailbox; a message that is gone is skipped. May be repeated
    /// after a failure: what was moved is no longer there.</summary>
    /// <returns>As of <see cref="CopyAsync"/>.</returns>
    Task<IReadOnlyList<CopiedMessage>> MoveAsync(IReadOnlyList<TargetUid> uids, FolderPath folder, CancellationToken cancellationToken);

    /// <summary>Removes messages of the open folder for good, and no others; a message that is gone is skipped.</summary>
    /// <exception cref="MailException">The server cannot remove single messages (UIDPLUS, RFC 4315); nothing was removed.</exception>
    Task RemoveAsync(IReadOnlyList<TargetUid> uids, CancellationToken cancellationToken);

    /// <summary>Adds and removes flags of messages of the open folder; a message that is gone is skipped.</summary>
    Task StoreFlagsAsync(IReadOnlyList<TargetUid> uids, FlagSet add, FlagSet remove, CancellationToken cancellationToken);
}
