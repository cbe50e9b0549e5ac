using Microsoft.Extensions.Logging;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;

namespace Migrator.Core.Migrations;

/// <summary>What a run of a job would do, found out without changing anything.</summary>
/// <param name="Plan">Which folder goes where, and what stands against it.</param>
/// <param name="Target">What the target takes.</param>
public sealed record Preflight(string Job, string Source, string Target, FolderPlan Plan, TargetTraits Traits)
{
    public long Messages => Plan.Mappings.Sum(mapping => (long)(mapping.Source.State?.Count ?? 0));

    /// <exception cref="MailException">An end could not be reached, or did not let us in.</exception>
    public static async Task<Preflight> RunAsync(Transfer transfer, MailboxEnds ends, RunProgress progress, TimeProvider time, ILogger log, CancellationToken stop)
    {
        await using var sessions = new LaneSessions(ends, NoUidBook.Instance, EndlessHold.Instance);
        var (plan, _) = await new Retries(time, progress, log).RunAsync(sessions, "Listing folders",
            () => FolderPlan.MakeAsync(sessions.Source, sessions.Target, transfer.Folders, [], stop), stop).ConfigureAwait(false);
        return new Preflight(transfer.Name, transfer.Source, transfer.Target, plan, sessions.Target.Traits);
    }
}
