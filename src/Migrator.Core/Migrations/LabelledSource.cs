using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Pacing;
using Migrator.Core.Providers;

namespace Migrator.Core.Migrations;

/// <summary>A mailbox whose folder of all mail contains only what <see cref="LabelledMail"/> leaves in it. All else is as the server has
/// it.</summary>
internal sealed class LabelledSource(IMailSource source, LabelledMail mail) : IMailSource
{
    private IReadOnlySet<Uid>? _left;

    public IReadOnlyList<string> ListingNotices => source.ListingNotices;

    public ProviderProfile Provider => source.Provider;

    public TimeSpan RoundTrip => source.RoundTrip;

    public IPacer Pacer => source.Pacer;

    public string? ServerName => source.ServerName;

    public bool AnnouncesSizes => source.AnnouncesSizes;

    public bool KeepsFlagsInHeaders => source.KeepsFlagsInHeaders;

    public bool HasLabels => source.HasLabels;

    public bool IdentifiesMessages => source.IdentifiesMessages;

    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) =>
        source.ListFoldersAsync(cancellationToken);

    public Task<AccessList?> AccessAsync(FolderPath folder, CancellationToken cancellationToken) =>
        source.AccessAsync(folder, cancellationToken);

    public Task<MailException?> ShortfallAsync(CancellationToken cancellationToken) => source.ShortfallAsync(cancellationToken);

    public Task<IReadOnlyList<(Uid Uid, ulong Id)>> FetchIdsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        source.FetchIdsAsync(uids, cancellationToken);

    public Task<IReadOnlyList<LabelledMessage>> FetchLabelsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        source.FetchLabelsAsync(uids, cancellationToken);

    public Task<IReadOnlyDictionary<ulong, Uid>> FindAsync(IReadOnlyCollection<ulong> ids, CancellationToken cancellationToken) =>
        source.FindAsync(ids, cancellationToken);

    public async Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        _left = null;
        var state = await source.OpenAsync(folder, cancellationToken);
        if (mail.LeftOf(folder) is not { } left)
            return state;
        if (left.Validity != state.UidValidity)
            throw new MailException(
                Reason.FolderRecreated,
                $"{folder}: the source recreated or renumbered the folder since its labels were read."
            );
        _left = left.Uids;
        return state with { Count = left.Uids.Count };
    }

    public async Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken)
    {
        var uids = await source.ListUidsAsync(from, cancellationToken);
        return _left is { } left ? UidSet.Of(uids.Where(left.Contains)) : uids;
    }

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        source.FetchSummariesAsync(uids, cancellationToken);

    public Task<IReadOnlyDictionary<Uid, long?>> SizesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        source.SizesAsync(uids, cancellationToken);

    public Task<IReadOnlyDictionary<Uid, DateTimeOffset>> SentDatesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        source.SentDatesAsync(uids, cancellationToken);

    public Task<IReadOnlySet<Uid>> NotMatchingAsync(IReadOnlyList<Uid> uids, string key, CancellationToken cancellationToken) =>
        source.NotMatchingAsync(uids, key, cancellationToken);

    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    ) => source.FetchFlagsAsync(uids, since, cancellationToken);

    public Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken) =>
        source.FetchAsync(uids, receiver, cancellationToken);

    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        source.FetchSubjectsAsync(uids, cancellationToken);

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
