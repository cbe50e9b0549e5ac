using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Migrator.App.Execution;
using Migrator.App.Formatting;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Service.Dashboard.Feed;
using Migrator.Service.Dashboard.Security;
using MudBlazor;

namespace Migrator.Service.Dashboard;

/// <summary>What the buttons do: for those who may, and told in a line afterwards.</summary>
public sealed class JobActions(
    JobControl control,
    DashboardFeed feed,
    AuthenticationStateProvider people,
    ISnackbar reported,
    Auditor auditor
)
{
    /// <summary>Who looks at the page, as the audit trail names the person.</summary>
    public async Task<string> NameAsync() => PersonAddress.Actor(await PersonAsync()).Name;

    /// <summary>Whether this person may act, or only look.</summary>
    public async Task<bool> MayActAsync() => DashboardRoles.CanAct(await PersonAsync());

    /// <summary>Whether this person may still look: a page stays open for longer than a session.</summary>
    public async Task<bool> MayLookAsync() => DashboardRoles.CanLook(await PersonAsync());

    public Task RunAllAsync(string job) =>
        DoAsync(AuditEvent.JobTriggered, job, null, async by => Started(await control.TriggerAsync(by, job, null, CancellationToken.None)));

    public Task RetryAsync(string job, string mailbox) =>
        DoAsync(
            AuditEvent.JobTriggered,
            job,
            mailbox,
            async by => Started(await control.TriggerAsync(by, job, [mailbox], CancellationToken.None))
        );

    public Task RetryFailedAsync(string job) =>
        DoAsync(
            AuditEvent.JobRetried,
            job,
            null,
            async by => Started(await control.RetryFailedAsync(by, job, null, CancellationToken.None))
        );

    public Task PauseAsync(string job, bool paused) =>
        DoAsync(
            paused ? AuditEvent.JobPaused : AuditEvent.JobResumed,
            job,
            null,
            async by =>
            {
                await control.PauseAsync(by, job, paused, CancellationToken.None);
                return paused ? $"{job} is paused: running mailboxes stop at their next safe point." : $"{job} resumed.";
            }
        );

    /// <param name="mailbox">Null for all of the job's.</param>
    public Task CancelAsync(string job, string? mailbox) =>
        DoAsync(
            AuditEvent.JobCancelled,
            job,
            mailbox,
            async by =>
            {
                var runs = await control.CancelAsync(by, job, mailbox, CancellationToken.None);
                return runs == 0
                    ? "There was nothing left to cancel."
                    : $"{Format.Count(runs, "run")} cancelled; running mailboxes stop at their next safe point.";
            }
        );

    /// <param name="mailbox">Null for all of the job's that no job file names any more.</param>
    public Task ForgetAsync(string job, string? mailbox) =>
        DoAsync(
            AuditEvent.JobForgotten,
            job,
            mailbox,
            async by =>
            {
                var gone = await control.ForgetAsync(by, job, mailbox, CancellationToken.None);
                return $"{Format.Count(gone, "mailbox", "mailboxes")} forgotten; the history keeps what became of "
                    + $"{(gone == 1 ? "it" : "them")}.";
            }
        );

    private async Task<ClaimsPrincipal> PersonAsync() => (await people.GetAuthenticationStateAsync()).User;

    private static string Started(JobRunStarted started) =>
        started.JobRun is null
            ? started.LeftOut.Count > 0
                ? "Nothing was started: it is still queued or running."
                : "Nothing was started: there is no mailbox to run."
            : $"{Format.Count(started.Runs, "mailbox", "mailboxes")} queued"
                + (started.LeftOut.Count > 0 ? $"; {Format.Count(started.LeftOut.Count)} are still queued or running." : ".");

    private async Task DoAsync(AuditEvent act, string job, string? mailbox, Func<Auditor, Task<string>> action)
    {
        var by = auditor.As(PersonAddress.Actor(await PersonAsync()));
        if (!await MayActAsync())
        {
            await by.NoteAsync(act, AuditSubject.Of(("job", job), ("mailbox", mailbox)), AuditOutcome.Refused, "has read-only access");
            reported.Add(await MayLookAsync() ? "You have read-only access." : "Your session has ended. Log in again.", Severity.Warning);
            return;
        }
        try
        {
            reported.Add(TextSanitizer.ForPage(await action(by)), Severity.Success);
        }
        catch (Exception exception) when (exception is JobRunStoreException or JobControlException or StorageException)
        {
            reported.Add(
                TextSanitizer.ForPage(
                    exception is StorageException storage ? $"{exception.Message} {storage.Reason.Hint}" : exception.Message
                ),
                Severity.Error
            );
        }
        await feed.RefreshAsync(CancellationToken.None);
    }
}
