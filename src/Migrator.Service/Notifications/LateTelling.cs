using Migrator.App.Health;
using Migrator.App.Settings;
using Migrator.Core.Jobs;
using Migrator.Core.Rounds;

namespace Migrator.Service.Notifications;

/// <summary>Tells of mailboxes that are late: of each once, until it had a good run and is late again.</summary>
public sealed class LateTelling(IRunHistory history, INotificationLedger ledger, JobHealth health, Lateness lateness, NotifySettings settings, Mailroom mailroom)
{
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        var now = await history.NowAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (job, late) in await health.LateAsync(cancellationToken).ConfigureAwait(false))
        {
            var to = Recipients.Of(settings, job.Notify, NotifyOn.Failure);
            // Nothing is taken for told where there is nobody to tell.
            if (to.IsEmpty)
                continue;
            var keys = (await ledger.TakeAsync([.. late.Select(mailbox => Key(job, mailbox))], Mailroom.Lease, cancellationToken).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
            if (keys.Count == 0)
                continue;
            var letter = LateLetter.Of(job, lateness.Limit(job), [.. late.Where(mailbox => keys.Contains(Key(job, mailbox)))], now, settings.Url);
            if (await mailroom.SendAsync(letter, to, cancellationToken).ConfigureAwait(false))
                await ledger.DoneAsync(keys, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static string Key(JobDefinition job, LateMailbox mailbox) => $"late:{job.Name}:{mailbox.Mailbox}:{mailbox.LastGood?.ToUnixTimeMilliseconds()}";
}
