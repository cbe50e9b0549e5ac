using Migrator.Core.Failures;
using Migrator.Core.Pacing;
using Migrator.Core.Providers;

namespace Migrator.Core.Mail;

/// <summary>One session that reads one mailbox. It runs one call at a time; open several for more.</summary>
/// <remarks>
/// Promises: nothing here changes the mailbox (no <c>\Seen</c>, no expunge). Every call may be repeated. Every failure
/// that comes from the server or the network is a <see cref="MailException"/> whose <see cref="MigratorException.Reason"/>
/// says how far it reaches; after one of scope <see cref="FailureScope.Session"/> or wider the session is of no more
/// use: dispose it and connect again. Cancelling a call that has started also ends the session; one that is cancelled before it begins
/// does nothing. A session that has ended or is disposed answers nothing: an <see cref="ObjectDisposedException"/> or such a
/// <see cref="MailException"/> is thrown. What a receiver throws passes as it is. UIDs may be given in any order, and several times:
/// each message is answered for once.
/// </remarks>
public interface IMailSource : IAsyncDisposable
{
    /// <summary>Every folder that the account sees, INBOX included, whatever its name: those of others too, which say so
    /// (<see cref="MailFolder.Namespace"/>). Each once. A folder whose state the server refuses to tell is listed without one.
    /// Open a folder again after it: a server may have to open others to list them.</summary>
    /// <exception cref="MailException">The server did not answer, or refused the listing as a whole.</exception>
    Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken);

    /// <summary>What a person should know about the last listing; empty for most.</summary>
    IReadOnlyList<string> ListingNotices => [];

    /// <summary>Why mail may be missing or cut although no message and no folder failed; null where nothing is known of that. To be asked
    /// at the end.</summary>
    Task<MailException?> ShortfallAsync(CancellationToken cancellationToken) => Task.FromResult<MailException?>(null);

    /// <summary>What is known of who keeps the mailbox.</summary>
    ProviderProfile Provider => ProviderProfiles.Generic;

    /// <summary>What the network takes to bring something to the server and back; zero where that is not known.</summary>
    TimeSpan RoundTrip => TimeSpan.Zero;

    /// <summary>Keeps the account within its limits.</summary>
    IPacer Pacer => NoPacer.Instance;

    /// <summary>What the server calls itself, with its version; null where it has not said.</summary>
    string? ServerName => null;

    /// <summary>Messages come with the size that their summaries tell, unless something is wrong.</summary>
    bool AnnouncesSizes => false;

    /// <summary>Mail programs keep flags in the header of these messages (<c>Status</c> in an mbox, <c>X-Mozilla-Status</c>), so that the
    /// same message has other bytes once it was read.</summary>
    bool KeepsFlagsInHeaders => false;

    /// <summary>Folders are labels (Gmail): the folder of all mail (<see cref="SpecialUse.All"/>) contains each message once, and every
    /// other folder shows those that have its label.</summary>
    bool HasLabels => false;

    /// <summary>It is known which messages of several folders are the same (<see cref="FetchIdsAsync"/>).</summary>
    bool IdentifiesMessages => HasLabels;

    /// <summary>What identifies these messages of the open folder: the same message has the same id in every folder, in this session. One
    /// that is gone, or of which it is not known, is left out.</summary>
    async Task<IReadOnlyList<(Uid Uid, ulong Id)>> FetchIdsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        [.. (await FetchLabelsAsync(uids, cancellationToken)).Select(message => (message.Uid, message.Id))];

    /// <summary>Which messages these of the open folder are, where folders are labels. A message that is gone, or of which the server does
    /// not say it, is left out.</summary>
    Task<IReadOnlyList<LabelledMessage>> FetchLabelsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        throw new NotSupportedException("There are folders here, not labels.");

    /// <summary>Looks for messages in the open folder by <see cref="LabelledMessage.Id"/>.</summary>
    /// <returns>Those that are there, with their UIDs.</returns>
    Task<IReadOnlyDictionary<ulong, Uid>> FindAsync(IReadOnlyCollection<ulong> ids, CancellationToken cancellationToken) =>
        throw new NotSupportedException("There are folders here, not labels.");

    /// <summary>Who may do what with a folder, whichever folder is open.</summary>
    /// <param name="folder">One that exists.</param>
    /// <returns>Null where there are no access control lists (RFC 4314).</returns>
    /// <exception cref="MailException">The server refuses to tell: the user may not ask, for one.</exception>
    Task<AccessList?> AccessAsync(FolderPath folder, CancellationToken cancellationToken) => Task.FromResult<AccessList?>(null);

    /// <summary>Selects the folder that the methods below operate on. Where it fails, no folder is open; without one, they throw
    /// <see cref="InvalidOperationException"/>.</summary>
    /// <exception cref="MailException"><see cref="Reason.FolderMissing"/>, <see cref="Reason.FolderRefused"/>.</exception>
    Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken);

    /// <summary>The UIDs in the open folder from <paramref name="from"/> on. The listing is whole: a message that is not in it
    /// is not in the folder.</summary>
    /// <exception cref="MailException"><see cref="Reason.ListingIncomplete"/>: it cannot be shown to be whole.</exception>
    Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken);

    /// <summary>The summaries of these messages, ascending by UID; a message that is gone is left out. Asking for
    /// some thousands at a time keeps memory bounded.</summary>
    Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken);

    /// <summary>How large these messages are said to be, by UID: null where the server gives no size. A message that is gone is left out.
    /// For those who need nothing else of a summary.</summary>
    async Task<IReadOnlyDictionary<Uid, long?>> SizesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        (await FetchSummariesAsync(uids, cancellationToken)).ToDictionary(summary => summary.Uid, summary => (long?)summary.Size);

    /// <summary>When these messages were sent, by their Date field; a message without one that can be read, or gone, is left
    /// out.</summary>
    Task<IReadOnlyDictionary<Uid, DateTimeOffset>> SentDatesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Nothing is chosen by the date of sending here.");

    /// <summary>Those of these messages of the open folder that certainly do not match a search key: the server names them where it is
    /// asked for what does not match, and does not where it is asked for what does. What it says nothing of may match.</summary>
    /// <param name="uids">Ascending.</param>
    /// <param name="key">RFC 9051, section 6.4.4; in ASCII, without literals.</param>
    Task<IReadOnlySet<Uid>> NotMatchingAsync(IReadOnlyList<Uid> uids, string key, CancellationToken cancellationToken) =>
        throw new NotSupportedException("There is no search here.");

    /// <summary>The present flags of these messages: only of those changed after <paramref name="since"/> where that is
    /// not 0 and the server keeps mod-sequences (RFC 7162), of all of them otherwise. None where the source keeps no flags
    /// (POP3).</summary>
    Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    );

    /// <summary>The messages of the open folder that are new, or whose flags changed, after this mod-sequence; null where the server cannot
    /// tell, or might leave out some.</summary>
    Task<UidSet?> ChangedSinceAsync(ulong modSeq, CancellationToken cancellationToken) => Task.FromResult<UidSet?>(null);

    /// <summary>Hands the exact bytes of these messages to <paramref name="receiver"/>, one after the other. A message
    /// that the server does not send (it is gone) is skipped silently; a message is never handed over twice or in part.
    /// <paramref name="receiver"/> is awaited before more is read, so a slow one slows the server down.</summary>
    Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken);

    /// <summary>The Subject of these messages, decoded, for reports that people read; a message without one, or gone, is
    /// left out.</summary>
    Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken);
}
