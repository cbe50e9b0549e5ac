namespace Migrator.Core.Mail;

/// <param name="Used">0 or more.</param>
/// <param name="Limit">More than 0.</param>
public readonly record struct QuotaUse(long Used, long Limit)
{
    public long Left => Math.Max(0, Limit - Used);
}
