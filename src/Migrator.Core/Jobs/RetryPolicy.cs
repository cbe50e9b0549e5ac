namespace Migrator.Core.Jobs;

/// <summary>How a job's runs are gone about.</summary>
/// <param name="MaxConcurrency">Mailboxes of it in progress at once, over all workers, 1 to 1000; null for as many as the workers
/// take.</param>
/// <param name="MaxAttempts">How often a mailbox is tried in a job run, 1 to 20, where what stopped it may pass.</param>
/// <param name="InitialRetryDelay">After the first attempt; doubled after each further one, to an hour at most.</param>
/// <param name="OverdueAfter">A mailbox with no complete run for so long is overdue, which is reported like a failure; null to go by the
/// schedule.</param>
public sealed record RetryPolicy(int? MaxConcurrency, int MaxAttempts, TimeSpan InitialRetryDelay, TimeSpan? OverdueAfter)
{
    public static readonly RetryPolicy Default = new(null, 5, TimeSpan.FromMinutes(1), null);
}
