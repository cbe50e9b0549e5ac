using Migrator.Core.Jobs;
using Migrator.Core.Rounds;
using Migrator.Worker.Serving;
using Migrator.Worker.Telemetry;

namespace Migrator.Worker.Telling;

/// <summary>Tells of mailboxes that are late: of each once, until it had a good run and is late again.</summary>
public sealed class LateTelling(IRoundStore store, JobHealth health, Lateness lateness, NotifySettings settings, Mailroom mailroom)
{
    // Known to be told, by whichever worker: not asked for every minute.
    private readonly HashSet<string> _told = [];

    public async Task TellAsync(CancellationToken cancellationToken)
    {
        var now = await store.NowAsync(cancellationToken).ConfigureAwait(false);
        var keys = new HashSet<string>();
        foreach (var (job, late) in await health.LateAsync(cancellationToken).ConfigureAwait(false))
        {
            var to = Recipients.Of(settings, job.Notify, NotifyOn.Failure);
            // Nothing is taken for told where there is nobody to tell.
            if (to.IsEmpty)
                continue;
            var fresh = new List<LateMailbox>();
            foreach (var mailbox in late)
            {
                var key = $"late:{job.Name}:{mailbox.Mailbox}:{mailbox.LastGood?.ToUnixTimeMilliseconds()}";
                keys.Add(key);
                if (_told.Contains(key))
                    continue;
                if (await store.IsFirstAsync(key, cancellationToken).ConfigureAwait(false))
                    fresh.Add(mailbox);
                _told.Add(key);
            }
            if (fresh.Count > 0)
                await mailroom.SendAsync(LateLetter.Of(job, lateness.Limit(job), fresh, now, settings.Url), to, cancellationToken).ConfigureAwait(false);
        }
        _told.IntersectWith(keys);
    }
}
