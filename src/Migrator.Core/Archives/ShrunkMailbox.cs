namespace Migrator.Core.Archives;

/// <summary>A mailbox has far fewer messages than an earlier snapshot that is still kept.</summary>
/// <param name="Mailbox">What it is called.</param>
/// <param name="Before">The snapshot with most messages.</param>
/// <param name="Had">Messages in it.</param>
/// <param name="Newest">The newest complete snapshot.</param>
/// <param name="Has">Messages in it.</param>
public sealed record ShrunkMailbox(string Mailbox, SnapshotName Before, long Had, SnapshotName Newest, long Has)
{
    public string Words =>
        $"{Mailbox} has lost {Had - Has:N0} of {Had:N0} messages: snapshot {Newest.Id} of {Newest.Time:u} holds {Has:N0}, "
        + $"snapshot {Before.Id} of {Before.Time:u} held {Had:N0}. Prune keeps all its snapshots.";
}
