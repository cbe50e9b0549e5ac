using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Jobs;
using Migrator.Core.Rounds;
using Migrator.Core.Secrets;

namespace Migrator.Service.Notifications;

/// <summary>Tells once a day of the rounds since yesterday's time, and of who is late.</summary>
public sealed class DigestTelling(IRunHistory history, INotificationLedger ledger, JobCatalogue catalogue, JobHealth health, NotifySettings settings, Mailroom mailroom, TimeProvider time)
{
    private const int MostRounds = 20_000;

    public async Task TellAsync(CancellationToken cancellationToken)
    {
        var zone = time.LocalTimeZone;
        var local = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).DateTime;
        if (!catalogue.WasRead)
            return;
        // What could not be told before midnight is told after it.
        var day = DateOnly.FromDateTime(local).AddDays(TimeOnly.FromDateTime(local) < settings.DailyAt ? -1 : 0);
        var groups = Groups().ToDictionary(group => DigestLetter.Id(day, group.Jobs));
        if (groups.Count == 0 || await ledger.TakeAsync(groups.Keys, Mailroom.Lease, cancellationToken).ConfigureAwait(false) is not { Count: > 0 } taken)
            return;
        var (since, until) = (At(day.AddDays(-1), zone), At(day, zone));
        List<RoundStatus> rounds = [.. (await history.RoundsAsync(null, MostRounds, cancellationToken).ConfigureAwait(false)).Where(round => round.Finished >= since && round.Finished < until)];
        var late = await health.LateAsync(cancellationToken).ConfigureAwait(false);
        foreach (var id in taken)
        {
            var (jobs, to) = groups[id];
            var letter = DigestLetter.Of(id, day, since, until, jobs, [.. rounds.Where(round => jobs?.Contains(round.Job) != false)], [.. late.Where(of => jobs?.Contains(of.Job.Name) != false)], settings.Url);
            if (await mailroom.SendAsync(letter, to, cancellationToken).ConfigureAwait(false))
                await ledger.DoneAsync([id], CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Who wants to know of which jobs: those of the settings of all (null), those of jobs of theirs.</summary>
    private List<(IReadOnlyList<string>? Jobs, Recipients To)> Groups()
    {
        var everything = Recipients.Of(settings, null, NotifyOn.Daily);
        var all = everything.Mail.Concat(everything.Webhooks.Select(webhook => webhook.ToString())).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var groups = catalogue.Jobs.Where(job => (job.Notify.On ?? settings.On).HasFlag(NotifyOn.Daily))
            .SelectMany(job => job.Notify.Mail.Select(address => new Wish(job.Name, address, null)).Concat(job.Notify.Webhooks.Select(webhook => new Wish(job.Name, null, webhook))))
            .GroupBy(wish => wish.Who, StringComparer.OrdinalIgnoreCase).Where(wishes => !all.Contains(wishes.Key))
            .Select(wishes => (Jobs: wishes.Select(wish => wish.Job).Distinct().ToList(), Of: wishes.First()))
            .GroupBy(one => string.Join('\n', one.Jobs))
            .Select(same => ((IReadOnlyList<string>?)same.First().Jobs, new Recipients([.. same.Select(one => one.Of.Mail).OfType<string>()], [.. same.Select(one => one.Of.Webhook).OfType<SecretReference>()])));
        return everything.IsEmpty ? [.. groups] : [(null, everything), .. groups];
    }

    private DateTimeOffset At(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(settings.DailyAt);
        // An hour that a change of clocks leaves out is the one after it.
        return new DateTimeOffset(local, zone.GetUtcOffset(zone.IsInvalidTime(local) ? local.AddHours(1) : local));
    }

    private sealed record Wish(string Job, string? Mail, SecretReference? Webhook)
    {
        public string Who => Mail ?? Webhook!.ToString();
    }
}
