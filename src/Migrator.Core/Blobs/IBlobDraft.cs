namespace Migrator.Core.Blobs;

/// <summary>A blob that is being written.</summary>
public interface IBlobDraft : IAsyncDisposable
{
    /// <summary>Takes the bytes, in order.</summary>
    Stream Content { get; }

    /// <summary>Makes the blob durable and visible under this name, unless there is one of that name already: that one stays as it
    /// is. Called once, after all bytes are written.</summary>
    /// <returns>Whether it was created.</returns>
    Task<bool> CommitAsync(string name, CancellationToken cancellationToken);
}
