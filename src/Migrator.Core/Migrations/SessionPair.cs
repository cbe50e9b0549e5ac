using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Providers;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Migrations;

/// <summary>The sessions of a session pair, opened when first wanted.</summary>
/// <param name="openSource">Null where there is only a target.</param>
/// <param name="openTarget">Null where there is only a source.</param>
internal sealed class SessionPair(
    Func<CancellationToken, Task<IMailSource>>? openSource,
    Func<CancellationToken, Task<IMailTarget>>? openTarget
) : IAsyncDisposable
{
    private const int FewestConnections = 3;
    private const int MostConnections = 5;

    private static readonly TimeSpan s_roundTripOfOneMore = TimeSpan.FromMilliseconds(20);

    private IMailSource? _source;
    private IMailTarget? _target;
    private (FolderPath Folder, FolderState State)? _open;

    public SessionPair(MailboxEndpoints endpoints, IUidMap uidMap, IMailboxLease lease)
        : this(stop => endpoints.OpenSource(uidMap, stop), stop => endpoints.OpenTarget(lease, stop)) { }

    public IMailSource Source => _source ?? throw new InvalidOperationException("The source session is not open.");

    public IMailTarget Target => _target ?? throw new InvalidOperationException("The target session is not open.");

    /// <summary>All ends are reached, as far as is known.</summary>
    public bool IsOpen => (openSource is null || _source is not null) && (openTarget is null || _target is not null);

    /// <summary>All ends were reached at some time.</summary>
    public bool WasOpen { get; private set; }

    /// <summary>Opens both ends side by side, where they are not open: each takes many round trips. A failure of the source is the one
    /// that is thrown, as if the target came after it.</summary>
    public async Task EnsureOpenAsync(CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var target = OpenTargetAsync(failed.Token);
        try
        {
            await OpenSourceAsync(cancellationToken);
        }
        catch
        {
            await failed.CancelAsync();
            await target.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        await target;
        WasOpen = true;
    }

    private async Task OpenSourceAsync(CancellationToken cancellationToken)
    {
        if (openSource is not null)
            _source ??= await RunActivities.OfConnectingAsync("source", () => openSource(cancellationToken));
    }

    private async Task OpenTargetAsync(CancellationToken cancellationToken)
    {
        if (openTarget is not null)
            _target ??= await RunActivities.OfConnectingAsync("target", () => openTarget(cancellationToken));
    }

    /// <summary>Opens a folder at the source unless it was the last that was opened by this call in this session.</summary>
    public async Task<FolderState> OpenSourceFolderAsync(FolderPath folder, CancellationToken cancellationToken)
    {
        if (_open is { } open && open.Folder == folder)
            return open.State;
        _open = null;
        var state = await Source.OpenAsync(folder, cancellationToken);
        _open = (folder, state);
        return state;
    }

    /// <summary>Connections to each end, as many as its provider allows to one account.</summary>
    /// <param name="wanted">By the job; null where it leaves that open.</param>
    public int Connections(int? wanted) =>
        Math.Min(
            Math.Min(wanted ?? UsualConnections, Source.Provider.Connections),
            _target?.Provider.Connections ?? ProviderProfile.MostConnections
        );

    // While one waits for a server that is far away, another can use the way. More would be taken from the programs of the mailbox's user.
    private int UsualConnections
    {
        get
        {
            var roundTrip = new[] { Source.RoundTrip, _target?.RoundTrip ?? TimeSpan.Zero }.Max();
            return (int)Math.Min(FewestConnections + (roundTrip / s_roundTripOfOneMore), MostConnections);
        }
    }

    /// <inheritdoc cref="IMailSource.ShortfallAsync"/>
    public Task<MailException?> ShortfallAsync(CancellationToken cancellationToken) =>
        _source?.ShortfallAsync(cancellationToken) ?? Task.FromResult<MailException?>(null);

    /// <inheritdoc cref="IDeletableSource.AcknowledgeAsync"/>
    public Task<bool> AcknowledgeAsync(Predicate<Uid> isStored, CancellationToken cancellationToken) =>
        (_source as IDeletableSource)?.AcknowledgeAsync(isStored, cancellationToken) ?? Task.FromResult(true);

    public async Task CloseAsync()
    {
        var (source, target) = (_source, _target);
        (_source, _target, _open) = (null, null, null);
        if (source is not null)
            await source.DisposeAsync();
        if (target is not null)
            await target.DisposeAsync();
    }

    public ValueTask DisposeAsync() => new(CloseAsync());
}
