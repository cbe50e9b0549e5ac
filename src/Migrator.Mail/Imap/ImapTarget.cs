using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>Writes one mailbox over IMAP, and reads it back by an <see cref="ImapSource"/> on the same session.</summary>
/// <param name="openPipeline">Opens a connection for appends alone.</param>
internal sealed class ImapTarget(FetchingClient client, ImapSource reader, Func<CancellationToken, Task<AppendPipeline>> openPipeline) : IMailTarget
{
    private readonly Appender _appender = new(client, reader, openPipeline);

    public TargetTraits Traits => new(
        _appender.MaxBatch,
        client.AppendLimit,
        client.PersonalNamespaces.FirstOrDefault()?.DirectorySeparator is { } delimiter and not '\0' ? delimiter : null,
        reader.Prefix);

    public Task CreateFolderAsync(FolderPath folder, SpecialUse use, CancellationToken cancellationToken) => reader.Guarded(Reason.FolderRefused, $"creating folder {folder}", async () =>
    {
        try
        {
            await EnsureAsync(folder, use, holdsMessages: true, cancellationToken).ConfigureAwait(false);
        }
        catch (ImapCommandException)
        {
            // Another session may have created it, or a folder above it, since this one listed the folders.
            reader.ForgetFolders();
            await EnsureAsync(folder, use, holdsMessages: true, cancellationToken).ConfigureAwait(false);
        }
        return true;
    });

    public Task SubscribeAsync(FolderPath folder, CancellationToken cancellationToken) => reader.Guarded(Reason.FolderRefused, $"subscribing to {folder}", async () =>
    {
        if (await reader.FindAsync(folder, cancellationToken).ConfigureAwait(false) is { IsSubscribed: false } found)
            await found.SubscribeAsync(cancellationToken).ConfigureAwait(false);
        return true;
    });

    public FlagSet Keepable(FlagSet flags) => reader.PermanentFlagsSaid ? Flags.Keepable(flags, reader.Opened) : flags;

    public Task<AppendResult> AppendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) => _appender.AppendAsync(messages, cancellationToken);

    public Task MoveAsync(IReadOnlyList<uint> uids, FolderPath folder, CancellationToken cancellationToken) => reader.Guarded(Reason.FolderRefused, "moving messages", async () =>
    {
        // Without either, whatever else is marked as deleted in the folder would be expunged along with what was copied.
        if ((client.Capabilities & (ImapCapabilities.Move | ImapCapabilities.UidPlus)) == 0)
            throw new MailException(Reason.FolderRefused, "The server has neither MOVE (RFC 6851) nor UIDPLUS (RFC 4315): messages cannot be moved without touching others.");
        var target = await reader.FindAsync(folder, cancellationToken).ConfigureAwait(false)
            ?? throw new MailException(Reason.FolderMissing, $"{folder}: there is no such folder.");
        await reader.InSetsAsync(uids, ids => reader.Opened.MoveToAsync(ids, target, cancellationToken)).ConfigureAwait(false);
        return true;
    });

    public Task RemoveAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => reader.Guarded(Reason.FolderRefused, "removing messages", async () =>
    {
        if (!client.Capabilities.HasFlag(ImapCapabilities.UidPlus))
            throw new MailException(Reason.FolderRefused, "The server has no UIDPLUS (RFC 4315): single messages cannot be removed without touching others.");
        List<UniqueId> ids = [.. uids.Select(uid => new UniqueId(uid))];
        await reader.Opened.StoreAsync(ids, new StoreFlagsRequest(StoreAction.Add, MessageFlags.Deleted) { Silent = true }, cancellationToken).ConfigureAwait(false);
        await reader.Opened.ExpungeAsync(ids, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task StoreFlagsAsync(IReadOnlyList<uint> uids, FlagSet add, FlagSet remove, CancellationToken cancellationToken) => reader.Guarded(Reason.FolderRefused, "storing flags", async () =>
    {
        foreach (var (action, flags) in new[] { (StoreAction.Add, add), (StoreAction.Remove, remove) })
        {
            if (flags.IsEmpty)
                continue;
            var request = new StoreFlagsRequest(action, Flags.System(flags), flags.Keywords) { Silent = true };
            await reader.InSetsAsync(uids, ids => reader.Opened.StoreAsync(ids, request, cancellationToken)).ConfigureAwait(false);
        }
        return true;
    });

    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) => reader.ListFoldersAsync(cancellationToken);

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) => reader.OpenAsync(folder, cancellationToken);

    public Task<IReadOnlyList<uint>> ListUidsAsync(uint from, CancellationToken cancellationToken) => reader.ListUidsAsync(from, cancellationToken);

    public Task<IReadOnlyList<MessageSummary>> SummarizeAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => reader.SummarizeAsync(uids, cancellationToken);

    public Task<IReadOnlyList<(uint Uid, FlagSet Flags)>> FlagsAsync(IReadOnlyList<uint> uids, ulong since, CancellationToken cancellationToken) => reader.FlagsAsync(uids, since, cancellationToken);

    public Task FetchAsync(IReadOnlyList<uint> uids, IContentReceiver receiver, CancellationToken cancellationToken) => reader.FetchAsync(uids, receiver, cancellationToken);

    public Task<IReadOnlyDictionary<uint, string>> SubjectsAsync(IReadOnlyList<uint> uids, CancellationToken cancellationToken) => reader.SubjectsAsync(uids, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _appender.DisposeAsync().ConfigureAwait(false);
        await reader.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<IMailFolder> EnsureAsync(FolderPath folder, SpecialUse use, bool holdsMessages, CancellationToken cancellationToken)
    {
        if (await reader.FindAsync(folder, cancellationToken).ConfigureAwait(false) is { } found
            && !(holdsMessages && found.Attributes.HasFlag(FolderAttributes.NoSelect)))
            return found;
        var root = client.GetFolder(client.PersonalNamespaces[0]);
        var created = await CreateWithoutParentAsync(folder, root, cancellationToken).ConfigureAwait(false);
        if (created is null)
        {
            var parent = folder.Parent is { } path
                ? await EnsureAsync(path, SpecialUse.None, holdsMessages: false, cancellationToken).ConfigureAwait(false) : root;
            var special = client.Capabilities.HasFlag(ImapCapabilities.CreateSpecialUse) ? FolderNames.ToSpecialFolder(use) : null;
            created = await CreateAsync(parent, folder.Name, special, holdsMessages, cancellationToken).ConfigureAwait(false);
        }
        reader.Remember(folder, created);
        return created;
    }

    /// <summary>A parent that is missing held no mail at the source, or it would have been created before.</summary>
    /// <returns>Null where the parent is there, or the server wants it first.</returns>
    private async Task<IMailFolder?> CreateWithoutParentAsync(FolderPath folder, IMailFolder root, CancellationToken cancellationToken)
    {
        if (folder.Parent is not { } parent || root is not FetchingFolder top || await reader.FindAsync(parent, cancellationToken).ConfigureAwait(false) is not null)
            return null;
        try
        {
            return await top.CreateBelowAsync(folder.Names, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ImapCommandException or ArgumentException)
        {
            return null;
        }
    }

    private static async Task<IMailFolder> CreateAsync(IMailFolder parent, string name, SpecialFolder? special, bool holdsMessages, CancellationToken cancellationToken)
    {
        try
        {
            return (special is { } use
                ? await parent.CreateAsync(name, [use], cancellationToken).ConfigureAwait(false)
                : await parent.CreateAsync(name, holdsMessages, cancellationToken).ConfigureAwait(false))!;
        }
        catch (ImapCommandException) when (special is not null || !holdsMessages)
        {
            // The server may not take this use, or has no folders that hold only folders: a plain folder serves.
            return (await parent.CreateAsync(name, isMessageFolder: true, cancellationToken).ConfigureAwait(false))!;
        }
        catch (ArgumentException exception)
        {
            throw new MailException(Reason.FolderRefused, $"'{name}' cannot be a folder name at the target: it holds a character that is not allowed there.", exception);
        }
    }
}
