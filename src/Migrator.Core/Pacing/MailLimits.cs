namespace Migrator.Core.Pacing;

/// <summary>Limits that a job sets for a server.</summary>
/// <param name="Account">For each account; what is null here, the provider decides.</param>
/// <param name="Host">For all accounts of the host together, over all workers.</param>
public sealed record MailLimits(PaceLimits Account, PaceLimits Host)
{
    public static readonly MailLimits None = new(PaceLimits.None, PaceLimits.None);
}
