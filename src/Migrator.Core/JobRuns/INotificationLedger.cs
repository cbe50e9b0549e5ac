namespace Migrator.Core.JobRuns;

/// <summary>What people were notified of, so that whichever worker does it, each notification is sent once.</summary>
/// <remarks>The promises are those of <see cref="IRunQueue"/>, with which it shares job runs.</remarks>
public interface INotificationLedger
{
    /// <summary>Takes a job run that is over and whose recipients were not notified yet, so that one worker notifies them. It is another's
    /// again where it is not <see cref="MarkNotifiedAsync"/> in time.</summary>
    Task<JobRunStatus?> ClaimFinishedAsync(TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>The recipients of the job run were notified.</summary>
    Task MarkNotifiedAsync(long jobRun, CancellationToken cancellationToken);

    /// <summary>Takes what is to be done once, by whichever worker. It is another's again where it is not <see cref="DoneAsync"/> in
    /// time.</summary>
    /// <param name="keys">Each names a thing to be done.</param>
    /// <returns>Those of them that are neither done nor another's now.</returns>
    Task<IReadOnlyList<string>> TakeAsync(IReadOnlyCollection<string> keys, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>What was taken is done, for ever.</summary>
    Task DoneAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken);
}
