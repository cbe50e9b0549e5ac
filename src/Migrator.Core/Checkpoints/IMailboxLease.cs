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
