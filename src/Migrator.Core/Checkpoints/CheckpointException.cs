using Migrator.Core.Failures;

namespace Migrator.Core.Checkpoints;

/// <summary>The checkpoint store cannot do what was asked; the message says why and what to do.</summary>
public class CheckpointException(string message, Exception? inner = null, Reason? reason = null)
    : MigratorException(reason ?? Reason.CheckpointFailed, message, inner);

/// <summary>Another run holds the mailbox.</summary>
/// <param name="who">Holds it, as far as it is known.</param>
public sealed class MailboxBusyException(MailboxPair pair, string? who = null)
    : MigratorException(
        Reason.MailboxBusy,
        $"Another run{(who is null ? "" : $" ({who})")} is copying {pair} right now. Wait for it to end, or stop it; two at "
            + "once could deliver mail twice."
    )
{
    public MailboxPair Pair { get; } = pair;
}
