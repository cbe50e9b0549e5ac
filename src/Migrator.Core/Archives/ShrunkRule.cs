namespace Migrator.Core.Archives;

/// <summary>From which loss on a mailbox counts as shrunk. A person may have tidied up; or an accident, a thief or ransomware has deleted
/// mail.</summary>
/// <param name="Percent">Of its messages, more than so many are gone, 0 to 100; 100 for never.</param>
/// <param name="AtLeast">And so many messages or more, from 1 on.</param>
public sealed record ShrunkRule(int Percent, int AtLeast)
{
    public static readonly ShrunkRule Default = new(50, 100);

    public bool IsShrunk(long before, long now) => before - now >= AtLeast && (Int128)(before - now) * 100 > (Int128)before * Percent;
}
