namespace Migrator.Core.Archives;

/// <summary>What this machine remembers of archives, apart from them: anyone who can write to a store can put an earlier state of it
/// back.</summary>
public interface IArchiveMemory
{
    /// <param name="archive">Its id.</param>
    /// <param name="mailbox">What its snapshots are filed under.</param>
    /// <returns>The last snapshot that was seen; null for none.</returns>
    Task<SeenSnapshot?> LastAsync(Guid archive, string mailbox, CancellationToken cancellationToken);

    /// <summary>All mailboxes of the archive of which a snapshot was seen.</summary>
    Task<IReadOnlyDictionary<string, SeenSnapshot>> AllAsync(Guid archive, CancellationToken cancellationToken);

    Task SawAsync(Guid archive, string mailbox, SeenSnapshot snapshot, CancellationToken cancellationToken);

    Task ForgetAsync(Guid archive, string mailbox, CancellationToken cancellationToken);

    /// <returns>The newest master key that the archive was opened by; null for none.</returns>
    Task<SeenKey?> KeyAsync(Guid archive, CancellationToken cancellationToken);

    Task SawKeyAsync(Guid archive, SeenKey key, CancellationToken cancellationToken);
}
