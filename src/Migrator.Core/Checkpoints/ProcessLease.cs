namespace Migrator.Core.Checkpoints;

/// <summary>A hold that ends with its process and not before, such as a locked file.</summary>
public sealed class ProcessLease : IMailboxLease
{
    public static readonly ProcessLease Instance = new();

    private ProcessLease() { }

    public CancellationToken Lost => CancellationToken.None;

    public void ThrowIfLost() { }
}
