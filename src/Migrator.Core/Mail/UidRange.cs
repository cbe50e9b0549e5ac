namespace Migrator.Core.Mail;

/// <summary>UIDs from one to another, both included.</summary>
public readonly record struct UidRange(Uid First, Uid Last)
{
    public long Count => (long)Last.Value - First.Value + 1;

    public override string ToString() => First == Last ? $"{First}" : $"{First}:{Last}";
}
