using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <summary>Asks a server for its folders. What it refuses for one folder costs no other.</summary>
internal sealed class FolderLister(StreamingImapClient client, ResponseCodeCapture tail, TimeProvider time)
{
    private const int Attempts = 4;

    private const ImapCapabilities Extensions = ImapCapabilities.ListExtended | ImapCapabilities.ListStatus;

    private readonly AccountNamespaces _namespaces = new(client);

    // LIST of the user's folders need not show INBOX again, and LSUB adds to what MailKit keeps of it.
    private readonly FolderAttributes _inbox = client.Inbox.Attributes;
    private IReadOnlyList<StreamingImapFolder> _known = [];

    public FolderNamespace Primary => _namespaces.Primary;

    /// <param name="items">What is asked about each folder of the user's own.</param>
    /// <param name="others">Folders of others too.</param>
    /// <param name="cancellationToken">Ends the session.</param>
    public async Task<FolderListing> ListAsync(StatusItems items, bool others, CancellationToken cancellationToken)
    {
        foreach (var known in _known.Where(known => !known.IsOpen))
            known.ForgetState();
        var listed = new Dictionary<StreamingImapFolder, FolderAttributes>();
        foreach (var space in _namespaces.Of(others))
        {
            foreach (var folder in await FoldersAsync(space, items, cancellationToken))
                listed[folder] = folder.Attributes;
        }
        var refusal = await SubscriptionsAsync(cancellationToken);
        var listing = new FolderListing(Place(listed), refusal);
        _known = [.. listing.Folders.Values.Select(folder => folder.Folder)];
        if (items != StatusItems.None)
            await LookAtAsync(listing, items, cancellationToken);
        return listing;
    }

    private async Task<IReadOnlyList<StreamingImapFolder>> FoldersAsync(
        FolderNamespace space,
        StatusItems items,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (space == AccountNamespaces.Root && !await HasRootAsync(cancellationToken))
                    throw Unlisted();
                // Without LIST-STATUS, MailKit would ask about one folder after the other and give up at the first that is refused.
                var inList = client.Capabilities.HasFlag(ImapCapabilities.ListStatus) ? items : StatusItems.None;
                return
                [
                    .. (
                        await client.GetFoldersAsync(space, inList, subscribedOnly: false, cancellationToken)
                    ).OfType<StreamingImapFolder>(),
                ];
            }
            catch (ImapCommandException) when (!_namespaces.Of(others: false).Contains(space))
            {
                return [];
            }
            catch (ImapCommandException exception) when (attempt < Attempts && !AsksForPause())
            {
                // What is refused now may be taken in a moment; and a server may announce extensions that it cannot do.
                if (exception.Response == ImapCommandResponse.Bad || attempt == Attempts - 1)
                    client.Capabilities &= ~Extensions;
                else
                    await Task.Delay(TimeSpan.FromSeconds(attempt), time, cancellationToken);
            }
        }
    }

    /// <summary>Asks which folders are subscribed to, where LIST does not say it along with them: of all, for INBOX may lie outside the
    /// user's prefix.</summary>
    private async Task<Exception?> SubscriptionsAsync(CancellationToken cancellationToken)
    {
        if (client.Capabilities.HasFlag(ImapCapabilities.ListExtended))
            return null;
        try
        {
            foreach (var space in await HasRootAsync(cancellationToken) ? [AccountNamespaces.Root] : _namespaces.Of(others: false))
                await client.GetFoldersAsync(space, StatusItems.None, subscribedOnly: true, cancellationToken);
            return null;
        }
        catch (ImapCommandException exception)
        {
            return exception;
        }
    }

    /// <summary>A server that opens nothing refuses both commands, and says why.</summary>
    private MailException Unlisted()
    {
        var (code, text) = tail.Refusal();
        return new MailException(
            AnswerMeaning.Of(code, text, Reason.FolderRefused),
            "The server names no namespace (NAMESPACE) and does not list its root (LIST \"\" \"\"): its folders cannot be found"
                + (text.Length > 0 ? $". It says: {text.Trim()}" : ".")
        );
    }

    private bool AsksForPause()
    {
        var (code, text) = tail.Refusal();
        return AnswerMeaning.Of(code, text, Reason.FolderRefused) == Reason.ServerBusy;
    }

    /// <summary>MailKit lists only what is below a folder that it knows.</summary>
    private Task<bool> HasRootAsync(CancellationToken cancellationToken) => TryAsync(() => client.GetFolderAsync("", cancellationToken));

    private Dictionary<FolderPath, ListedFolder> Place(Dictionary<StreamingImapFolder, FolderAttributes> listed)
    {
        var inbox = (StreamingImapFolder)client.Inbox;
        var found = new Dictionary<FolderPath, ListedFolder>
        {
            [FolderPath.Inbox] = new(inbox, listed.GetValueOrDefault(inbox, _inbox), NamespaceKind.Private) { IsInbox = true },
        };
        var homonyms = new List<(FolderPath Path, ListedFolder Folder)>();
        var prefix = FolderNameMapping.Prefix(Primary);
        // In one order every time: which of two folders keeps the path that both have must not change from run to run. One whose name was
        // filled in comes last.
        foreach (
            var (folder, attributes) in listed
                .Where(entry => entry.Key != inbox && !entry.Value.HasFlag(FolderAttributes.NonExistent))
                .OrderBy(entry => FolderNameMapping.HasEmptyLevel(entry.Key.WireName, entry.Key.DirectorySeparator))
                .ThenBy(entry => entry.Key.WireName, StringComparer.Ordinal)
        )
        {
            var (kind, space) = _namespaces.Find(folder);
            var entry = new ListedFolder(folder, attributes, kind);
            if (folder.WireName.Trim(folder.DirectorySeparator).Length == 0)
                continue;
            var full = FolderNameMapping.ToPath(folder.WireName, folder.DirectorySeparator, []);
            var path =
                space == Primary ? FolderNameMapping.ToPath(folder.WireName, folder.DirectorySeparator, prefix) : Apart(full, kind, space);
            // What only holds others and has the name of another is that one's inside.
            if (
                !found.TryAdd(path, entry)
                && entry.Selectable
                && !folder.FullName.Equals(inbox.FullName, StringComparison.OrdinalIgnoreCase)
            )
                homonyms.Add((full, entry));
        }
        foreach (var (path, folder) in homonyms)
            found[FolderNameMapping.FreePath(path, found.ContainsKey)] = folder;
        return found;
    }

    /// <summary>Folders of others keep the name of their namespace, and get one where it has none.</summary>
    private static FolderPath Apart(FolderPath full, NamespaceKind kind, FolderNamespace space) =>
        kind == NamespaceKind.Private || space.Path.Length > 0
            ? full
            : new FolderPath([kind == NamespaceKind.Shared ? "Shared folders" : "Public folders", .. full.Names]);

    private async Task LookAtAsync(FolderListing listing, StatusItems items, CancellationToken cancellationToken)
    {
        foreach (var (_, folder) in listing.Folders.Where(entry => entry.Value is { Selectable: true, Kind: NamespaceKind.Private }))
        {
            if (folder.Folder.UidValidity == 0 && client.Capabilities.HasFlag(ImapCapabilities.Status))
                await TryAsync(() => folder.Folder.StatusAsync(items, cancellationToken));
        }
        // A level of the hierarchy that is not a folder may be listed like one. Only opening it tells; where a client ever put mail, it is
        // one.
        var doubtful = listing
            .Folders.Where(entry =>
                entry.Value is { Selectable: true, Kind: NamespaceKind.Private }
                && !entry.Key.IsInbox
                && (entry.Value.Folder.UidValidity == 0 || entry.Value.Folder is { Count: 0, UidNext: null or { Id: <= 1 } })
                && listing.Parents.Contains(entry.Key)
            )
            .ToList();
        foreach (var (path, folder) in doubtful)
        {
            if (!await TryAsync(() => folder.Folder.OpenAsync(FolderAccess.ReadOnly, cancellationToken)) && MissingFolder.IsMeant(tail))
                listing.Folders[path] = folder with { IsContainer = true };
        }
    }

    /// <returns>Whether the server did it.</returns>
    private static async Task<bool> TryAsync(Func<Task> command)
    {
        try
        {
            await command();
            return true;
        }
        catch (Exception exception) when (exception is ImapCommandException or FolderNotFoundException)
        {
            return false;
        }
    }
}
