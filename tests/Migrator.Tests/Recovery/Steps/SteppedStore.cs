using Migrator.Core.Checkpoints;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>A store whose calls are steps.</summary>
internal sealed class SteppedStore(ICheckpointStore store, RunSteps steps) : ICheckpointStore
{
    public async Task<IMailboxCheckpoint> OpenAsync(MailboxPair pair, CancellationToken cancellationToken) =>
        await steps.ReadAsync(
            "checkpoint: open",
            async () => (IMailboxCheckpoint)new SteppedCheckpoint(await store.OpenAsync(pair, cancellationToken), steps)
        );

    public Task<IMailboxRecords?> OpenRecordsAsync(MailboxPair pair, CancellationToken cancellationToken) =>
        store.OpenRecordsAsync(pair, cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
