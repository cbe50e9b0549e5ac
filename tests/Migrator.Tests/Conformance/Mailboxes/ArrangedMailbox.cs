using Migrator.Core.Mail;
using Migrator.Tests.Corpus;
using Xunit;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>A mailbox of some kind, which a suite fills and changes behind the back of the sessions that it tests. INBOX is there from the
/// beginning.</summary>
public abstract class ArrangedMailbox : IAsyncDisposable
{
    public virtual MailboxTraits Traits { get; } = new();

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens a session.</summary>
    public abstract Task<IMailSource> ConnectAsync();

    /// <exception cref="NotSupportedException">It has no folders but INBOX.</exception>
    public abstract Task AddFolderAsync(FolderPath folder);

    /// <summary>Adds messages at the end of a folder, in this order.</summary>
    /// <exception cref="InvalidOperationException">It does not take one of them.</exception>
    public abstract Task AddAsync(FolderPath folder, IReadOnlyList<OddMessage> messages);

    public abstract Task SetFlagsAsync(FolderPath folder, Uid uid, string flags);

    /// <summary>Removes a message, as another client does. A session that is open may not see it.</summary>
    public abstract Task RemoveAsync(FolderPath folder, Uid uid);

    /// <summary>Removes a message under a session that has its folder open.</summary>
    public virtual Task MarkVanishedAsync(FolderPath folder, Uid uid) => RemoveAsync(folder, uid);

    /// <summary>Makes a message one that is listed and cannot be read, also in sessions that are open.</summary>
    public abstract Task SpoilAsync(FolderPath folder, Uid uid);

    /// <summary>The bytes of the messages of a folder in the order of UIDs, as a reader of no relation to the product has them.</summary>
    /// <param name="added">What was added to the folder, in order.</param>
    public abstract Task<IReadOnlyList<byte[]>> BytesAsync(FolderPath folder, IReadOnlyList<OddMessage> added);

    /// <summary>All that a client could see of it and of what is marked there, likewise.</summary>
    public abstract Task<IReadOnlyList<string>> ViewAsync();

    public abstract ValueTask DisposeAsync();
}
