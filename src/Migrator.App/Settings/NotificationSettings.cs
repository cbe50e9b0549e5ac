using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.App.Settings;

/// <summary>The section <c>Notify</c> of the settings: who is notified of all jobs, and how mail is sent; docs/notifications.md explains
/// each. All errors are reported together.</summary>
/// <param name="Mail">Null where no mail can be sent.</param>
/// <param name="Webhooks">Where the addresses of webhooks are to be found; they often hold a secret.</param>
/// <param name="WebhookSecret">What webhooks are signed with; null to sign none.</param>
/// <param name="On">Of what those are notified who are named here, and those of jobs that do not say.</param>
/// <param name="DailyAt">In the machine's time zone.</param>
/// <param name="Url">Where the dashboard is reached; null for no links.</param>
public sealed record NotificationSettings(
    NotifyMail? Mail,
    IReadOnlyList<SecretReference> Webhooks,
    SecretReference? WebhookSecret,
    NotifyOn On,
    TimeOnly DailyAt,
    Uri? Url
)
{
    /// <exception cref="ConfigurationException">Every error in them.</exception>
    public static NotificationSettings Read(IConfiguration settings) => NotificationSettingsReader.Read(settings);
}
