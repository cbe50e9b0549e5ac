using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Pacing;

namespace Migrator.Core.Fetching;

/// <summary>Fetches messages so that one that the source refuses, or that ends the connection, costs only itself, and says of each that did
/// not come whether it is gone or not returned: two very different things.</summary>
public sealed class IsolatingFetch
{
    /// <summary>For requests that want something else than all of these messages.</summary>
    internal Isolation Isolation { get; } = new();

    private readonly Dictionary<Uid, string> _tooLong = [];

    /// <param name="uids">Of the open folder.</param>
    /// <param name="isWanted">Whether a message has not come yet: asked again and again.</param>
    /// <param name="sizes">How large a message is, and how large it may be.</param>
    /// <param name="receiver">Takes what comes.</param>
    /// <returns>What did not come: removed since it was listed; or listed and not returned, with the reason.</returns>
    /// <exception cref="MailException">The connection was lost; call again with another session.</exception>
    public async Task<(IReadOnlyList<Uid> Gone, IReadOnlyList<(Uid Uid, Reason Reason, string Why)> Unreadable)> RunAsync(
        IMailSource source,
        IReadOnlyList<Uid> uids,
        Func<Uid, bool> isWanted,
        MessageSizes sizes,
        IContentSink receiver,
        CancellationToken cancellationToken
    )
    {
        var bounded = new BoundedReceiver(receiver, sizes, source.Pacer, (uid, why) => _tooLong[uid] = why);
        await source.Pacer.AdmitAsync(TransferDirection.Download, 0, 1, cancellationToken);
        bool IsAsked(Uid uid) => isWanted(uid) && !_tooLong.ContainsKey(uid);
        await Isolation.AskAsync(
            [.. uids.Where(IsAsked)],
            async some =>
            {
                try
                {
                    await source.FetchAsync([.. some.Where(IsAsked)], bounded, cancellationToken);
                }
                catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
                {
                    // Refused as a whole or in part: each message that did not come is requested separately.
                }
            }
        );
        var silent = uids.Where(isWanted).ToList();
        if (silent.Count == 0)
            return ([], []);
        var listed = await source.ListUidsAsync(silent.Min(), cancellationToken);
        var unreadable = new List<(Uid, Reason, string)>();
        foreach (var uid in silent.Where(listed.Contains))
        {
            var (why, reason) = (Isolation.Guilty.GetValueOrDefault(uid, "the source lists it but sends nothing"), Reason.SourceUnreadable);
            try
            {
                if (IsAsked(uid))
                    await Isolation.AskAsync([uid], some => source.FetchAsync(some, bounded, cancellationToken));
            }
            catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
            {
                why = exception.Message;
            }
            if (Isolation.Refusal(uid) is { } refusal)
                (why, reason) = (refusal.Message, refusal.Reason == Reason.BlobOffline ? refusal.Reason : reason);
            if (isWanted(uid))
                unreadable.Add((uid, reason, _tooLong.GetValueOrDefault(uid, why)));
        }
        return ([.. silent.Where(uid => !listed.Contains(uid))], unreadable);
    }
}
