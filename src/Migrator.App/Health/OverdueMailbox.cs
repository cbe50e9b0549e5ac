namespace Migrator.App.Health;

/// <param name="LastSuccess">Null for never.</param>
/// <param name="Since">The last complete run; of a mailbox without, when it was first wanted.</param>
public sealed record OverdueMailbox(string Mailbox, DateTimeOffset? LastSuccess, DateTimeOffset Since);
