using Migrator.Core.Mail;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>A UID map whose calls are steps.</summary>
internal sealed class SteppedUidMap(IUidMap map, RunSteps steps) : IUidMap
{
    public Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken) =>
        steps.ReadAsync("checkpoint: read map", () => map.ReadAsync(cancellationToken));

    public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken) =>
        steps.TakeAsync(
            $"checkpoint: map ({entries.Count})",
            async () =>
            {
                await map.AddAsync(entries, cancellationToken);
                return true;
            },
            half: null,
            changes: entries.Count > 0
        );

    public Task<IReadOnlyDictionary<Uid, KnownContent>> ContentsAsync(CancellationToken cancellationToken) =>
        steps.ReadAsync("checkpoint: contents", () => map.ContentsAsync(cancellationToken));
}
