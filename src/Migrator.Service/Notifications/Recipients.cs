using Migrator.App.Settings;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.Service.Notifications;

/// <summary>Who is notified.</summary>
public sealed record Recipients(IReadOnlyList<string> Mail, IReadOnlyList<SecretReference> Webhooks)
{
    public bool IsEmpty => Mail.Count == 0 && Webhooks.Count == 0;

    /// <summary>Those of the settings by the rule of the settings, and those of the job by its own, or, where it has none, by that of the
    /// settings. Who is named by both is notified once.</summary>
    /// <param name="job">Null for a job whose file is gone.</param>
    public static Recipients Of(NotificationSettings settings, NotifyRule? job, NotifyOn occasion)
    {
        var all = settings.On.HasFlag(occasion);
        var own = job is not null && (job.On ?? settings.On).HasFlag(occasion);
        return new Recipients(
            [.. (all ? settings.Mail?.To ?? [] : []).Concat(own ? job!.Mail : []).Distinct(StringComparer.OrdinalIgnoreCase)],
            [.. (all ? settings.Webhooks : []).Concat(own ? job!.Webhooks : []).Distinct()]
        );
    }

    /// <summary>By what names each in an <see cref="DeliveryResult"/>.</summary>
    public IEnumerable<string> All => Mail.Concat(Webhooks.Select(webhook => webhook.ToString()));

    public Recipients Only(Func<string, bool> which) =>
        new([.. Mail.Where(which)], [.. Webhooks.Where(webhook => which(webhook.ToString()))]);
}
