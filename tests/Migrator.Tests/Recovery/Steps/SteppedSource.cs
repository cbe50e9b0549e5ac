using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Pacing;
using Migrator.Core.Providers;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>A session whose calls are steps. Once one has failed, the session is lost.</summary>
/// <param name="name">Of this end.</param>
internal class SteppedSource(IMailSource session, string name, RunSteps steps) : IMailSource
{
    private bool _isLost;

    protected RunSteps Steps => steps;

    public IReadOnlyList<string> ListingNotices => session.ListingNotices;

    public ProviderProfile Provider => session.Provider;

    public TimeSpan RoundTrip => session.RoundTrip;

    public IPacer Pacer => session.Pacer;

    public string? ServerName => session.ServerName;

    public bool AnnouncesSizes => session.AnnouncesSizes;

    public bool KeepsFlagsInHeaders => session.KeepsFlagsInHeaders;

    public bool HasLabels => session.HasLabels;

    public bool IdentifiesMessages => session.IdentifiesMessages;

    // Asks no server.
    public Task<MailException?> ShortfallAsync(CancellationToken cancellationToken) => session.ShortfallAsync(cancellationToken);

    public Task<IReadOnlyList<(Uid Uid, ulong Id)>> FetchIdsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        ReadAsync("ids", () => session.FetchIdsAsync(uids, cancellationToken));

    public Task<IReadOnlyList<LabelledMessage>> FetchLabelsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        ReadAsync("labels", () => session.FetchLabelsAsync(uids, cancellationToken));

    public Task<IReadOnlyDictionary<ulong, Uid>> FindAsync(IReadOnlyCollection<ulong> ids, CancellationToken cancellationToken) =>
        ReadAsync("find", () => session.FindAsync(ids, cancellationToken));

    public Task<IReadOnlyList<MailFolder>> ListFoldersAsync(CancellationToken cancellationToken) =>
        ReadAsync("folders", () => session.ListFoldersAsync(cancellationToken));

    public Task<FolderState> OpenAsync(FolderPath folder, CancellationToken cancellationToken) =>
        ReadAsync($"open {folder}", () => session.OpenAsync(folder, cancellationToken));

    public Task<UidSet> ListUidsAsync(Uid from, CancellationToken cancellationToken) =>
        ReadAsync("uids", () => session.ListUidsAsync(from, cancellationToken));

    public Task<IReadOnlyList<MessageSummary>> FetchSummariesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        ReadAsync("summaries", () => session.FetchSummariesAsync(uids, cancellationToken));

    public Task<IReadOnlyDictionary<Uid, long?>> SizesAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        ReadAsync("sizes", () => session.SizesAsync(uids, cancellationToken));

    public Task<IReadOnlyList<(Uid Uid, FlagSet Flags)>> FetchFlagsAsync(
        IReadOnlyList<Uid> uids,
        ulong since,
        CancellationToken cancellationToken
    ) => ReadAsync("flags", () => session.FetchFlagsAsync(uids, since, cancellationToken));

    /// <summary>Each message that is handed over is a step as well.</summary>
    public Task FetchAsync(IReadOnlyList<Uid> uids, IContentSink receiver, CancellationToken cancellationToken) =>
        ReadAsync(
            "fetch",
            async () =>
            {
                await session.FetchAsync(uids, new Sink(this, receiver), cancellationToken);
                return true;
            }
        );

    public Task<IReadOnlyDictionary<Uid, string>> FetchSubjectsAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        ReadAsync("subjects", () => session.FetchSubjectsAsync(uids, cancellationToken));

    public ValueTask DisposeAsync() => session.DisposeAsync();

    protected Task<T> ReadAsync<T>(string what, Func<Task<T>> step) => OfSessionAsync(what, () => steps.ReadAsync(Name(what), step));

    protected Task ChangeAsync(string what, Func<Task> step, Func<Task>? half, bool changes = true) =>
        OfSessionAsync(
            what,
            () =>
                steps.TakeAsync(
                    Name(what),
                    async () =>
                    {
                        await step();
                        return true;
                    },
                    half,
                    changes
                )
        );

    protected async Task<T> OfSessionAsync<T>(string what, Func<Task<T>> step)
    {
        if (_isLost)
            throw RunSteps.Lost($"{Name(what)} after the end");
        try
        {
            return await step();
        }
        catch (Exception exception) when (exception is ProcessKilledException or MailException { Reason.Scope: FailureScope.Session })
        {
            _isLost = true;
            throw;
        }
    }

    protected string Name(string what) => $"{name}: {what}";

    protected void Lose() => _isLost = true;

    private sealed class Sink(SteppedSource session, IContentSink receiver) : IContentSink
    {
        public Stream Open(Uid? uid, long size) => receiver.Open(uid, size);

        public async ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            try
            {
                await session.ReadAsync($"message {uid}", () => Task.FromResult(true));
            }
            catch
            {
                // Cut short.
                await content.DisposeAsync();
                throw;
            }
            await receiver.CompleteAsync(uid, content, arrival, cancellationToken);
        }
    }
}
