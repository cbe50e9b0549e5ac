namespace Migrator.Core.Jobs;

/// <param name="AllWithin">Every pack is read at least once in this time.</param>
public sealed record CheckRule(TimeSpan AllWithin)
{
    public static readonly CheckRule Default = new(TimeSpan.FromDays(30));
}
