using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>Who is notified of the runs of a job, besides those whom the settings name.</summary>
/// <param name="Mail">Addresses.</param>
/// <param name="Webhooks">Where the addresses of webhooks are to be found; they often hold a secret.</param>
/// <param name="On">Of what; null to go by the settings.</param>
public sealed record NotifyRule(IReadOnlyList<string> Mail, IReadOnlyList<SecretReference> Webhooks, NotifyOn? On)
{
    public static readonly NotifyRule None = new([], [], null);
}
