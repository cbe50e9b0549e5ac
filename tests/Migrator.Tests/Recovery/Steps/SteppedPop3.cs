using Migrator.Core.Mail;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>The same of a source that deletes.</summary>
internal sealed class SteppedPop3(IDeletableSource session, string name, RunSteps steps)
    : SteppedSource(session, name, steps),
        IDeletableSource
{
    public bool SizeFits(Uid uid) => session.SizeFits(uid);

    public Task<bool> AcknowledgeAsync(Predicate<Uid> isStored, CancellationToken cancellationToken) =>
        ReadAsync("acknowledge", () => session.AcknowledgeAsync(isStored, cancellationToken));

    /// <summary>A server may have removed some of the messages as the connection ends.</summary>
    public Task RemoveAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken) =>
        ChangeAsync(
            $"remove {string.Join(' ', uids)}",
            () => session.RemoveAsync(uids, cancellationToken),
            uids.Count < 2 ? null : () => session.RemoveAsync([.. uids.Take(uids.Count / 2)], cancellationToken)
        );
}
