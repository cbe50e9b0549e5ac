using Microsoft.AspNetCore.Components.Authorization;
using Migrator.Core.Rounds;
using Migrator.Worker.Dashboard.Feed;
using Migrator.Worker.Dashboard.Security;
using Migrator.Worker.Serving;
using Migrator.Worker.Views;
using MudBlazor;

namespace Migrator.Worker.Dashboard;

/// <summary>What the buttons do: for those who may, and told in a line afterwards.</summary>
public sealed class JobActions(JobControl control, DashboardFeed feed, AuthenticationStateProvider people, ISnackbar told)
{
    /// <summary>Whether this person may act, or only look.</summary>
    public async Task<bool> MayActAsync() => (await people.GetAuthenticationStateAsync().ConfigureAwait(false)).User.IsInRole(DashboardRoles.Operator);

    public Task RunAllAsync(string job) => DoAsync(async () => Started(await control.TriggerAsync(job, null, CancellationToken.None).ConfigureAwait(false)));

    public Task RetryAsync(string job, string mailbox) => DoAsync(async () => Started(await control.TriggerAsync(job, [mailbox], CancellationToken.None).ConfigureAwait(false)));

    public Task RetryFailedAsync(string job) => DoAsync(async () => Started(await control.RetryFailedAsync(job, null, CancellationToken.None).ConfigureAwait(false)));

    public Task PauseAsync(string job, bool paused) => DoAsync(async () =>
    {
        await control.PauseAsync(job, paused, CancellationToken.None).ConfigureAwait(false);
        return paused ? $"{job} is paused: what is under way stops at its next safe point." : $"{job} goes on.";
    });

    /// <param name="mailbox">Null for all of the job's.</param>
    public Task CancelAsync(string job, string? mailbox) => DoAsync(async () =>
    {
        var runs = await control.CancelAsync(job, mailbox, CancellationToken.None).ConfigureAwait(false);
        return runs == 0 ? "There was nothing left to cancel." : $"{Format.Count(runs, "run")} cancelled; what is under way stops at its next safe point.";
    });

    /// <param name="mailbox">Null for all of the job's that no job file names any more.</param>
    public Task ForgetAsync(string job, string? mailbox) => DoAsync(async () =>
    {
        var gone = await control.ForgetAsync(job, mailbox, CancellationToken.None).ConfigureAwait(false);
        return $"{Format.Count(gone, "mailbox", "mailboxes")} forgotten; the history keeps what became of {(gone == 1 ? "it" : "them")}.";
    });

    private static string Started(RoundStarted started) => started.Round is null
        ? started.LeftOut.Count > 0 ? "Nothing was started: it still waits or runs." : "Nothing was started: there is no mailbox to run."
        : $"{Format.Count(started.Runs, "mailbox", "mailboxes")} put in the queue"
            + (started.LeftOut.Count > 0 ? $"; {Format.Count(started.LeftOut.Count)} still wait or run." : ".");

    private async Task DoAsync(Func<Task<string>> action)
    {
        if (!await MayActAsync().ConfigureAwait(false))
        {
            told.Add("You may look, but not act: you came in with the token for reading.", Severity.Warning);
            return;
        }
        try
        {
            told.Add(await action().ConfigureAwait(false), Severity.Success);
        }
        catch (Exception exception) when (exception is RoundStoreException or JobControlException)
        {
            told.Add(exception.Message, Severity.Error);
        }
        await feed.RefreshAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
