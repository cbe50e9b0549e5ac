using System.Collections.Concurrent;
using Migrator.Core.Jobs;
using Migrator.Core.Pacing;
using Migrator.Core.Providers;

namespace Migrator.Mail.Pacing;

/// <summary>The limits of all accounts and hosts, shared by all runs of this process.</summary>
/// <param name="store">Opened when the first limit needs it.</param>
public sealed class Pacers(Func<ITrafficStore> store, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(string Scope, PaceLimits Limits), PacedScope> _scopes = new();
    private readonly Lazy<ITrafficStore> _store = new(store);
    private volatile int _workers = 1;

    /// <summary>That share the limits of a host, 1 or more. An account is one worker's at a time.</summary>
    public int Workers
    {
        get => _workers;
        set => _workers = Math.Max(1, value);
    }

    public Pacer For(MailServer server)
    {
        var (account, host) = (OfAccount(server), server.Limits.Host);
        List<PacedScope> scopes = [];
        if (!account.IsNone)
            scopes.Add(Scope(server.Account, account, () => 1));
        if (!host.IsNone)
            scopes.Add(Scope(server.Host.ToLowerInvariant(), host, () => Workers));
        return scopes.Count == 0 ? Pacer.None : new Pacer(scopes);
    }

    public void Dispose()
    {
        foreach (var scope in _scopes.Values)
            scope.Dispose();
    }

    private PacedScope Scope(string name, PaceLimits limits, Func<int> workers) =>
        _scopes.GetOrAdd((name, limits), key => new PacedScope(key.Scope, key.Limits, workers, () => _store.Value, time));

    /// <summary>What the job sets, else what is known of the provider.</summary>
    private static PaceLimits OfAccount(MailServer server)
    {
        var (limits, provider) = (server.Limits.Account, ProviderProfiles.Choose(server.Provider, server.Host, ""));
        var isPop3 = server.Protocol == MailProtocol.Pop3;
        return limits with
        {
            DownloadPerDay = limits.DownloadPerDay ?? (isPop3 ? provider.DailyPop3Download : provider.DailyDownload),
            UploadPerDay = limits.UploadPerDay ?? (isPop3 ? null : provider.DailyUpload),
        };
    }
}
