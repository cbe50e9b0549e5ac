namespace Migrator.Core.JobRuns;

/// <summary>What people were told, so that whichever worker does it, each thing is told once.</summary>
/// <remarks>The promises are those of <see cref="IRunQueue"/>, with which it shares rounds.</remarks>
public interface INotificationLedger
{
    /// <summary>Takes a round that is over and of which nobody was told yet, so that one worker tells it. It is another's again where
    /// it is not <see cref="MarkNotifiedAsync"/> in time.</summary>
    Task<JobRunStatus?> ClaimFinishedAsync(TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>The round was told of.</summary>
    Task MarkNotifiedAsync(long jobRun, CancellationToken cancellationToken);

    /// <summary>Takes what is to be done once, by whichever worker. It is another's again where it is not <see cref="DoneAsync"/> in
    /// time.</summary>
    /// <param name="keys">Each names a thing to be done.</param>
    /// <returns>Those of them that are neither done nor another's now.</returns>
    Task<IReadOnlyList<string>> TakeAsync(IReadOnlyCollection<string> keys, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>What was taken is done, for ever.</summary>
    Task DoneAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken);
}
