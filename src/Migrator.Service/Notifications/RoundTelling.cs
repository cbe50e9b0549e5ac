using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Jobs;
using Migrator.Core.Rounds;

namespace Migrator.Service.Notifications;

/// <summary>Tells of each round that is over, by the rules of settings and job.</summary>
public sealed class RoundTelling(IRunHistory history, INotificationLedger ledger, JobCatalogue catalogue, NotifySettings settings, Mailroom mailroom)
{
    /// <summary>All that wait now.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        // Before the job files are read, it is not known who is to be told.
        if (!catalogue.WasRead)
            return;
        while (await ledger.ClaimTellingAsync(Mailroom.Lease, cancellationToken).ConfigureAwait(false) is { } round)
        {
            if (await TellAsync(round, cancellationToken).ConfigureAwait(false))
                // Also while going down: it was told.
                await ledger.ToldAsync(round.Round, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<bool> TellAsync(RoundStatus round, CancellationToken cancellationToken)
    {
        // Whoever begins to be told is not told of all the past.
        if (await history.NowAsync(cancellationToken).ConfigureAwait(false) - round.Finished > Mailroom.Patience)
            return true;
        var job = catalogue.Find(round.Job);
        var to = Recipients.Of(settings, job?.Notify, round.Runs.Complete == round.Runs.All ? NotifyOn.Success : NotifyOn.Failure);
        return to.IsEmpty
            || await mailroom.SendAsync(RoundLetter.Of(round, await history.RunsOfAsync(round.Round, cancellationToken).ConfigureAwait(false), job?.IsUpkeep == true, settings.Url), to, cancellationToken).ConfigureAwait(false);
    }
}
