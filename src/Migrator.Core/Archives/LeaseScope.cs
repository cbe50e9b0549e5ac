namespace Migrator.Core.Archives;

/// <summary>What a lease is for.</summary>
/// <param name="Mailbox">The account that is written; null where none or all are.</param>
public readonly record struct LeaseScope(LeaseAccess Access, string? Mailbox)
{
    /// <summary>Something may be removed: nobody else.</summary>
    public static readonly LeaseScope All = new(LeaseAccess.All, null);

    public static readonly LeaseScope Reading = new(LeaseAccess.Read, null);

    /// <summary>Prune, between the steps for which it wants all: one at a time.</summary>
    public static readonly LeaseScope Upkeep = new(LeaseAccess.Upkeep, null);

    public static LeaseScope Of(string mailbox) => new(LeaseAccess.Write, mailbox);
}
