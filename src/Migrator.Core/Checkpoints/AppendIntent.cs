using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <summary>What the target was like just before an append: whatever that append added has a UID of
/// <paramref name="UidNext"/> or more. 0 where the target has renumbered its messages since.</summary>
public readonly record struct AppendIntent(UidValidity UidValidity, TargetUid UidNext);
