using Migrator.Core.Failures;

namespace Migrator.Core.Blobs;

/// <summary>A store that can take blobs offline (Azure's archive tier) and bring them back.</summary>
public interface IRehydratingStore : IBlobStore
{
    /// <summary>Asks for a blob that is offline to be brought back; the store does that in its own time. May be repeated, also to raise the
    /// priority.</summary>
    /// <param name="tier">Where it is to lie then: "hot", "cool" or "cold".</param>
    /// <param name="highPriority">Sooner, and for more money.</param>
    /// <exception cref="StorageException"><see cref="Reason.BlobMissing"/>; or the store failed.</exception>
    Task RehydrateAsync(string name, string tier, bool highPriority, CancellationToken cancellationToken);
}
