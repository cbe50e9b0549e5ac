using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Pacing;
using Migrator.Core.Providers;

namespace Migrator.Mail.Imap;

/// <summary>Writes one mailbox over IMAP, and reads it back by an <see cref="ImapSource"/> on the same session.</summary>
/// <param name="openPipeline">Opens a connection for appends alone.</param>
internal sealed class ImapTarget(StreamingImapClient client, ImapSource reader, Func<CancellationToken, Task<AppendPipeline>> openPipeline)
    : IMailTarget
{
    private const string Flagged = "\\Flagged";
    private const string Deleted = "\\Deleted";

    // Once the server has refused a STORE for it.
    private bool _neverSilent;

    private readonly Appender _appender = new(client, reader, openPipeline);

    public TargetCapabilities Traits =>
        new(
            _appender.MaxBatch,
            client.AppendLimit ?? reader.Provider.LargestMessage,
            reader.Delimiter is var delimiter and not '\0' ? delimiter : null,
            reader.Prefix
        )
        {
            Reserved = reader.Provider.ReservedNames,
            FoldsCase = reader.Provider.FoldsCase,
            NamesCopies = client.Capabilities.HasFlag(ImapCapabilities.UidPlus),
            MovesMessages = CanMove,
            RemovesMessages = client.Capabilities.HasFlag(ImapCapabilities.UidPlus),
        };

    private bool CanMove => (client.Capabilities & (ImapCapabilities.Move | ImapCapabilities.UidPlus)) != 0;

    public ProviderProfile Provider => reader.Provider;

    public TimeSpan RoundTrip => reader.RoundTrip;

    public IPacer Pacer => reader.Pacer;

    public IReadOnlyList<string> ListingNotices => reader.ListingNotices;

    public string? ServerName => reader.ServerName;

    public Task<IReadOnlyCollection<char>> RefusedInNamesAsync(IReadOnlyCollection<char> characters, CancellationToken cancellationToken) =>
        reader.GuardedElsewhere<IReadOnlyCollection<char>>(
            Reason.FolderRefused,
            "asking about folder names",
            async () =>
            {
                var refused = new List<char>();
                // A server that says so of any name says nothing.
                if (
                    characters.Count == 0
                    || await reader.RefusesNameAsync(string.Join(reader.Delimiter, [.. reader.Prefix, "ab"]), cancellationToken)
                )
                    return refused;
                foreach (var character in characters.Where(character => character != reader.Delimiter))
                {
                    if (
                        await reader.RefusesNameAsync(
                            string.Join(reader.Delimiter, [.. reader.Prefix, $"a{character}b"]),
                            cancellationToken
                        )
                    )
                        refused.Add(character);
                }
                return refused;
            }
        );

    public Task<bool> FoldsCaseAsync(FolderPath folder, CancellationToken cancellationToken) =>
        reader.GuardedElsewhere(
            Reason.FolderRefused,
            $"asking for {folder} in other letters",
            () => reader.AnswersInOtherCaseAsync(folder, cancellationToken)
        );

    public Task<long?> MaxSizeAsync(FolderPath folder, CancellationToken cancellationToken) =>
        client.AppendLimit is { } limit
            ? Task.FromResult<long?>(limit)
            : reader.GuardedElsewhere(
                Reason.FolderRefused,
                $"asking for the largest message of {folder}",
                () => reader.AppendLimitAsync(folder, cancellationToken)
            );

    public Task<IReadOnlyList<MailQuota>?> QuotasAsync(FolderPath folder, CancellationToken cancellationToken) =>
        !client.Capabilities.HasFlag(ImapCapabilities.Quota)
            ? Task.FromResult<IReadOnlyList<MailQuota>?>(null)
            : reader.GuardedElsewhere(
                Reason.FolderRefused,
                $"asking for the quota of {folder}",
                () => reader.QuotasAsync(folder, cancellationToken)
            );

    public Task CreateFolderAsync(FolderPath folder, SpecialUse use, CancellationToken cancellationToken) =>
        reader.GuardedElsewhere(
            Reason.FolderRefused,
            $"creating folder {folder}",
            async () =>
            {
                try
                {
                    await EnsureAsync(folder, use, cancellationToken);
                }
                catch (ImapCommandException)
                {
                    // Another session may have created it, or a folder above it, since this one listed the folders.
                    reader.ForgetFolders();
                    await EnsureAsync(folder, use, cancellationToken);
                }
                return true;
            }
        );

    public Task RenameFolderAsync(FolderPath folder, FolderPath name, CancellationToken cancellationToken) =>
        reader.GuardedElsewhere(
            Reason.FolderRefused,
            $"renaming folder {folder} to {name}",
            async () =>
            {
                var found = await reader.FindExistingAsync(folder, cancellationToken);
                if (name.Parent is { } parent && await reader.FindAsync(parent, cancellationToken) is null)
                    await EnsureAsync(parent, SpecialUse.None, cancellationToken);
                var (start, levels) = await PlaceAsync(name, cancellationToken);
                var subscribed = found.Subscribed;
                // RENAME leaves a subscription to the old name.
                if (subscribed)
                    await found.Folder.UnsubscribeAsync(cancellationToken);
                try
                {
                    await found.Folder.RenameAnywhereAsync(
                        string.Join(reader.Delimiter, start.Concat(levels)),
                        (StreamingImapFolder)client.Inbox,
                        cancellationToken
                    );
                }
                catch (ImapCommandException) when (subscribed)
                {
                    await found.Folder.SubscribeAsync(cancellationToken);
                    throw;
                }
                reader.ForgetFolders();
                if (subscribed && await reader.FindAsync(name, cancellationToken) is { } renamed)
                    await renamed.Folder.SubscribeAsync(cancellationToken);
                return true;
            }
        );

    public Task<bool> DeleteFolderAsync(FolderPath folder, FolderState? expected, CancellationToken cancellationToken) =>
        reader.GuardedElsewhere(
            Reason.FolderRefused,
            $"deleting folder {folder}",
            async () =>
            {
                if (folder.IsInbox)
                    return false;
                reader.ForgetFolders();
                if (await reader.FindAsync(folder, cancellationToken) is not { } found || reader.HasBelow(folder))
                    return false;
                // DELETE leaves a subscription to the name.
                var subscribed = found.Subscribed;
                if (subscribed)
                    await found.Folder.UnsubscribeAsync(cancellationToken);
                var deleted = false;
                try
                {
                    deleted = await DeleteEmptyAsync(folder, found, expected, cancellationToken);
                }
                catch (ImapCommandException) when (subscribed)
                {
                    await found.Folder.SubscribeAsync(cancellationToken);
                    throw;
                }
                if (subscribed && !deleted)
                    await found.Folder.SubscribeAsync(cancellationToken);
                reader.ForgetFolders();
                return deleted;
            }
        );

    private async Task<bool> DeleteEmptyAsync(
        FolderPath folder,
        ListedFolder found,
        FolderState? expected,
        CancellationToken cancellationToken
    )
    {
        if (found.Selectable)
        {
            var state = await reader.OpenAsync(folder, cancellationToken);
            if (state.Count > 0 || state.UidValidity != expected?.UidValidity || state.UidNext != expected?.UidNext)
                return false;
        }
        // Closes the other without the EXPUNGE of a CLOSE; some servers refuse to delete a folder that is open.
        await reader.OpenAsync(FolderPath.Inbox, cancellationToken);
        await found.Folder.DeleteAsync(cancellationToken);
        return true;
    }

    public Task<AccessList?> AccessAsync(FolderPath folder, CancellationToken cancellationToken) =>
        reader.AccessAsync(folder, cancellationToken);

    public Task GrantAsync(FolderPath folder, AccessEntry entry, CancellationToken cancellationToken) =>
        reader.GuardedElsewhere(
            Reason.FolderRefused,
            $"giving {entry.Identifier} rights on {folder}",
            async () =>
            {
                var found = await reader.FindExistingAsync(folder, cancellationToken);
                await found.Folder.AddAccessRightsAsync(entry.Identifier, new AccessRights(entry.Rights), cancellationToken);
                return true;
            }
        );

    public Task SubscribeAsync(FolderPath folder, CancellationToken cancellationToken) =>
        reader.GuardedElsewhere(
            Reason.FolderRefused,
            $"subscribing to {folder}",
            async () =>
            {
                var found =
                    await reader.FindAsync(folder, cancellationToken)
                    ?? throw new MailException(Reason.FolderMissing, $"{folder}: there is no such folder.");
                if (!found.Subscribed)
                    await found.Folder.SubscribeAsync(cancellationToken);
                return true;
            }
        );

    public FlagSet FilterPermanentFlags(FlagSet flags)
    {
        // Gmail takes a message out of the folder at once, without an EXPUNGE, when it gets this flag, and says that it keeps it.
        if (HasLabels)
            flags = flags.Except(new FlagSet([Deleted]));
        return reader.PermanentFlagsSaid || reader.Opened.Access == FolderAccess.ReadOnly
            ? Flags.FilterPermanentFlags(flags, reader.Opened)
            : flags;
    }

    public async Task<AppendResult> AppendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var result = await _appender.AppendAsync(messages, cancellationToken);
        return reader.Provider.StoresFlagsAfterAppend && result.Interruption is null
            ? await StoreFlaggedAsync(messages, result, cancellationToken)
            : result;
    }

    /// <summary>Exchange shows a flag that came with an append to IMAP alone; one that is stored, in Outlook too.</summary>
    private async Task<AppendResult> StoreFlaggedAsync(
        IReadOnlyList<OutgoingMessage> messages,
        AppendResult result,
        CancellationToken cancellationToken
    )
    {
        List<TargetUid> flagged =
        [
            .. messages
                .Zip(result.Messages)
                .Where(pair => pair.First.Flags.Contains(Flagged) && pair.Second.Uid.IsKnown)
                .Select(pair => pair.Second.Uid),
        ];
        try
        {
            if (flagged.Count > 0)
                await StoreFlagsAsync(flagged, new FlagSet([Flagged]), FlagSet.None, cancellationToken);
            return result;
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            // IMAP shows the flag all the same.
            return result;
        }
        catch (Exception exception) when (exception is MailException or OperationCanceledException)
        {
            return result with { Interruption = exception };
        }
    }

    public Task<IReadOnlyList<CopiedMessage>> CopyAsync(
        IReadOnlyList<TargetUid> uids,
        FolderPath folder,
        CancellationToken cancellationToken
    ) =>
        reader.Guarded<IReadOnlyList<CopiedMessage>>(
            Reason.FolderRefused,
            $"copying messages to {folder}",
            async () =>
            {
                var target =
                    await reader.FindAsync(folder, cancellationToken)
                    ?? throw new MailException(Reason.FolderMissing, $"{folder}: there is no such folder.");
                var (copies, asked) = (new List<CopiedMessage>(), new HashSet<uint>());
                await reader.InSetsAsync(
                    Of(uids),
                    async ids =>
                    {
                        // A command that was cut short is given again: what it has copied would be there twice. One that was refused has
                        // copied nothing (RFC 9051, section 6.4.7).
                        ids.RemoveAll(id => !asked.Add(id.Id));
                        if (ids.Count == 0)
                            return;
                        UniqueIdMap answer;
                        try
                        {
                            answer = await reader.Opened.CopyToAsync(ids, target.Folder, cancellationToken);
                        }
                        catch (ImapCommandException)
                        {
                            asked.ExceptWith(ids.Select(id => id.Id));
                            throw;
                        }
                        copies.AddRange(Named(answer, ids));
                    }
                );
                return copies;
            }
        );

    /// <summary>What COPYUID says of a command.</summary>
    private static IEnumerable<CopiedMessage> Named(UniqueIdMap answer, List<UniqueId> asked)
    {
        // As ranges, a few bytes name 4 billion messages, and MailKit's count of them overflows. What does not fit the command says
        // nothing.
        UniqueId[] originals = [.. answer.Source.Take(asked.Count + 1)];
        UniqueId[] made = [.. answer.Destination.Take(asked.Count + 1)];
        var ids = asked.Select(id => id.Id).ToHashSet();
        return originals.Length > asked.Count || originals.Length != made.Length
            ? []
            : originals
                .Zip(made, (original, copy) => new CopiedMessage(original.Id, copy.Validity, copy.Id))
                .Where(copy => ids.Contains(copy.Original.Uid.Value));
    }

    public Task<IReadOnlyList<CopiedMessage>> MoveAsync(
        IReadOnlyList<TargetUid> uids,
        FolderPath folder,
        CancellationToken cancellationToken
    ) =>
        reader.Guarded<IReadOnlyList<CopiedMessage>>(
            Reason.FolderRefused,
            "moving messages",
            async () =>
            {
                // Without either, whatever else is marked as deleted in the folder would be expunged along with what was copied.
                if (!CanMove)
                    throw new MailException(
                        Reason.FolderRefused,
                        "The server has neither MOVE (RFC 6851) nor UIDPLUS (RFC 4315): messages cannot be moved without touching others."
                    );
                var target =
                    await reader.FindAsync(folder, cancellationToken)
                    ?? throw new MailException(Reason.FolderMissing, $"{folder}: there is no such folder.");
                var copies = new List<CopiedMessage>();
                await reader.InSetsAsync(
                    Of(uids),
                    async ids => copies.AddRange(Named(await reader.Opened.MoveToAsync(ids, target.Folder, cancellationToken), ids))
                );
                return copies;
            }
        );

    public Task RemoveAsync(IReadOnlyList<TargetUid> uids, CancellationToken cancellationToken) =>
        reader.Guarded(
            Reason.FolderRefused,
            "removing messages",
            async () =>
            {
                if (!client.Capabilities.HasFlag(ImapCapabilities.UidPlus))
                    throw new MailException(
                        Reason.FolderRefused,
                        "The server has no UIDPLUS (RFC 4315): single messages cannot be removed without touching others."
                    );
                var request = new StoreFlagsRequest(StoreAction.Add, MessageFlags.Deleted);
                await reader.InSetsAsync(
                    Of(uids),
                    async ids =>
                    {
                        await StoreAsync(ids, request, cancellationToken);
                        await reader.Opened.ExpungeAsync(ids, cancellationToken);
                    }
                );
                return true;
            }
        );

    public Task StoreFlagsAsync(IReadOnlyList<TargetUid> uids, FlagSet add, FlagSet remove, CancellationToken cancellationToken) =>
        reader.Guarded(
            Reason.FolderRefused,
            "storing flags",
            async () =>
            {
                foreach (var (action, flags) in new[] { (StoreAction.Add, add), (StoreAction.Remove, remove) })
                {
                    if (flags.IsEmpty)
                        continue;
                    var request = new StoreFlagsRequest(action, Flags.System(flags), flags.Keywords);
                    await reader.InSetsAsync(Of(uids), ids => StoreAsync(ids, request, cancellationToken));
                }
                return true;
            }
        );

    private async Task StoreAsync(IList<UniqueId> ids, StoreFlagsRequest request, CancellationToken cancellationToken)
    {
        request.Silent = !_neverSilent;
        try
        {
            await reader.Opened.StoreAsync(ids, request, cancellationToken);
        }
        catch (ImapCommandException exception) when (request.Silent && exception.Response == ImapCommandResponse.Bad)
        {
            // Exchange 2010 answers BAD to .SILENT, and takes the same flags without it.
            request.Silent = false;
            await reader.Opened.StoreAsync(ids, request, cancellationToken);
            _neverSilent = true;
        }
    }

    private static List<Uid> Of(IReadOnlyList<TargetUid> uids) => [.. uids.Select(uid => uid.Uid)];

    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) =>
        reader.ListFoldersAsync(cancellationToken);

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) =>
        reader.OpenAsync(folder, cancellationToken);

    public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken) => reader.ListUidsAsync(from, cancellationToken);

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        reader.FetchSummariesAsync(uids, cancellationToken);

    public Task<IReadOnlyDictionary<Uid, long?>> SizesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        reader.SizesAsync(uids, cancellationToken);

    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    ) => reader.FetchFlagsAsync(uids, since, cancellationToken);

    public bool HasLabels => reader.HasLabels;

    public Task<IReadOnlyList<LabelledMessage>> FetchLabelsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        reader.FetchLabelsAsync(uids, cancellationToken);

    public Task<IReadOnlyDictionary<ulong, Uid>> FindAsync(IReadOnlyCollection<ulong> ids, CancellationToken cancellationToken) =>
        reader.FindAsync(ids, cancellationToken);

    public Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken) =>
        reader.FetchAsync(uids, receiver, cancellationToken);

    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        reader.FetchSubjectsAsync(uids, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _appender.DisposeAsync();
        await reader.DisposeAsync();
    }

    private async Task EnsureAsync(FolderPath folder, SpecialUse use, CancellationToken cancellationToken)
    {
        var found = await reader.FindAsync(folder, cancellationToken);
        if (found is { Selectable: true } && await OpensAsync(folder, cancellationToken))
            return;
        // It would become a folder of another name, below another.
        if (found is null && folder.Names.FirstOrDefault(name => name.Contains(reader.Delimiter)) is { } name)
        {
            throw new MailException(
                Reason.FolderRefused,
                $"'{name}' cannot be a folder name at the target: '{reader.Delimiter}' separates names there."
            );
        }
        var (start, levels) = found is not null ? (NameOf(found), []) : await PlaceAsync(folder, cancellationToken);
        var created = await CreateAsync(
            start,
            levels,
            client.Capabilities.HasFlag(ImapCapabilities.CreateSpecialUse) ? FolderNameMapping.ToSpecialFolder(use) : null,
            cancellationToken
        );
        if (created is StreamingImapFolder listed && (listed.Attributes & (FolderAttributes.NoSelect | FolderAttributes.NonExistent)) == 0)
        {
            reader.Remember(folder, listed);
            return;
        }
        // The server may list it in other letters than it was asked for, or not at all: what it does not list cannot be found again.
        reader.ForgetFolders();
        if (await reader.FindAsync(folder, cancellationToken) is not { Selectable: true })
            throw new MailException(
                Reason.FolderRefused,
                $"{folder}: the server says that it created the folder, and does not list it as one that contains messages."
            );
    }

    /// <summary>False for a level of the hierarchy that is listed like a folder and is none.</summary>
    private async Task<bool> OpensAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        if (folder.IsInbox || !reader.HasBelow(folder))
            return true;
        try
        {
            await reader.OpenAsync(folder, cancellationToken);
            return true;
        }
        catch (MailException exception) when (exception.Reason == Reason.FolderMissing)
        {
            return false;
        }
    }

    /// <returns>The full name of the nearest folder above that is there, or of the user's prefix, and the names below it down to the
    /// folder.</returns>
    private async Task<(IReadOnlyList<string> Start, IReadOnlyList<string> Levels)> PlaceAsync(
        FolderPath folder,
        CancellationToken cancellationToken
    )
    {
        for (var above = folder.Parent; above is not null; above = above.Parent)
        {
            if (await reader.FindAsync(above, cancellationToken) is { } parent)
                return (NameOf(parent), [.. folder.Names.Skip(above.Names.Count)]);
        }
        return (reader.Prefix, folder.Names);
    }

    private static IReadOnlyList<string> NameOf(ListedFolder folder) =>
        FolderNameMapping.Full(folder.Folder.WireName, folder.Folder.DirectorySeparator);

    private async Task<IMailFolder?> CreateAsync(
        IReadOnlyList<string> start,
        IReadOnlyList<string> levels,
        SpecialFolder? special,
        CancellationToken cancellationToken
    )
    {
        try
        {
            // In one command, the server makes what is missing between: folders for mail are there before, so that these are none.
            return await CreateAsync(Name(levels.Count), special, cancellationToken);
        }
        catch (ImapCommandException) when (levels.Count > 1)
        {
            for (var count = 1; count < levels.Count; count++)
                await CreateLevelAsync(Name(count), cancellationToken);
            return await CreateAsync(Name(levels.Count), special, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            throw new MailException(
                Reason.FolderRefused,
                $"'{start.Concat(levels).Last()}' cannot be a folder name at the target: it has a character that is not allowed there.",
                exception
            );
        }

        string Name(int count) => string.Join(reader.Delimiter, start.Concat(levels.Take(count)));
    }

    private async Task<IMailFolder?> CreateAsync(string fullName, SpecialFolder? special, CancellationToken cancellationToken)
    {
        var anywhere = (StreamingImapFolder)client.Inbox;
        try
        {
            return await anywhere.CreateAnywhereAsync(fullName, special, cancellationToken);
        }
        catch (ImapCommandException) when (special is not null)
        {
            // The server may not take this use; a plain folder serves.
            return await anywhere.CreateAnywhereAsync(fullName, null, cancellationToken);
        }
    }

    private async Task CreateLevelAsync(string fullName, CancellationToken cancellationToken)
    {
        try
        {
            await CreateAsync(fullName + reader.Delimiter, null, cancellationToken);
        }
        catch (ImapCommandException)
        {
            try
            {
                // Not every server has folders that hold only folders.
                await CreateAsync(fullName, null, cancellationToken);
            }
            catch (ImapCommandException)
            {
                // It may be there; if not, what is created below it is refused, and that is said.
            }
        }
    }
}
