using Migrator.Core.Failures;

namespace Migrator.Core.Checkpoints;

/// <summary>Somebody else is, or may be, at the mailbox now. Nothing was changed by the call that throws this.</summary>
public sealed class LeaseLostException(string message, Exception? inner = null) : CheckpointException(message, inner, Reason.LeaseLost);
