namespace Migrator.Core.Checkpoints;

/// <summary>What is durably known of every mailbox that was ever copied: enough to continue after any crash without
/// losing or doubling a message.</summary>
/// <remarks>
/// Promises, of every implementation: a call that returned is durable, through a crash of the process and a loss of
/// power; a call that failed or was cancelled had no effect at all. Secrets never get here.
/// </remarks>
public interface ICheckpointStore : IAsyncDisposable
{
    /// <summary>Opens the checkpoint of one mailbox, made if it is new, for this holder alone.</summary>
    /// <exception cref="MailboxBusyException">Another run, here or in another process, holds it.</exception>
    /// <exception cref="CheckpointException">The store cannot be read or written, or is of a later version.</exception>
    Task<IMailboxCheckpoint> OpenAsync(MailboxPair pair, CancellationToken cancellationToken);

    /// <summary>Opens what is known of a mailbox to read it, beside any holder. Takes no hold, and adds no mailbox.</summary>
    /// <returns>Null where nothing is known of it.</returns>
    /// <exception cref="CheckpointException">The store cannot be read, or is of a later version.</exception>
    Task<IMailboxRecords?> OpenRecordsAsync(MailboxPair pair, CancellationToken cancellationToken);
}
