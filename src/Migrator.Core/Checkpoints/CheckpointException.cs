using Migrator.Core.Jobs;

namespace Migrator.Core.Checkpoints;

/// <summary>The checkpoint store cannot do what was asked; the message says why and what to do.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(Secrets.Redact(message), inner);

/// <summary>Another run holds the mailbox.</summary>
public sealed class MailboxBusyException(MailboxPair pair)
    : Exception($"Another run is copying {pair} right now. Wait for it to end, or stop it; two at once could deliver mail twice.")
{
    public MailboxPair Pair { get; } = pair;
}
