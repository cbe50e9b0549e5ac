using Migrator.Core.Failures;

namespace Migrator.Core.Checkpoints;

/// <summary>The right to be the only one at a mailbox. It may end before its holder knows: a process that was stopped, or a machine that
/// was suspended, continues as if no time had passed while another has taken its place.</summary>
public interface IMailboxLease
{
    /// <summary>Call before each step that others would see. Asks no server: it goes by this machine's clocks.</summary>
    /// <exception cref="LeaseLostException">The hold is over, or may be.</exception>
    void ThrowIfLost();

    /// <summary>Cancelled once the hold is known to be over.</summary>
    CancellationToken Lost { get; }
}

/// <summary>A hold that ends with its process and not before, such as a locked file.</summary>
public sealed class ProcessLease : IMailboxLease
{
    public static readonly ProcessLease Instance = new();

    private ProcessLease() { }

    public CancellationToken Lost => CancellationToken.None;

    public void ThrowIfLost() { }
}

/// <summary>Somebody else is, or may be, at the mailbox now. Nothing was changed by the call that throws this.</summary>
public sealed class LeaseLostException(string message, Exception? inner = null) : CheckpointException(message, inner, Reason.LeaseLost);
