using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Storage.Blobs.Files;

/// <summary>A file in the folder of drafts, until it gets its name.</summary>
internal sealed class FileBlobDraft : IBlobDraft
{
    private readonly FileBlobStore _store;
    private readonly FileStream _file;
    private bool _committed;

    /// <param name="file">Open for writing, and for nobody else.</param>
    internal FileBlobDraft(FileBlobStore store, FileStream file)
    {
        (_store, _file) = (store, file);
        Content = new BlobStream(file, 0, exception => FileFailure.Translate(file.Name, exception), leaveOpen: true);
    }

    public Stream Content { get; }

    public Task<bool> CommitAsync(string name, CancellationToken cancellationToken)
    {
        var path = _store.PathOf(name);
        if (_committed)
            throw new InvalidOperationException("A draft is committed once.");
        _committed = true;
        return FileFailure.GuardAsync(path, () => Commit(path), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _file.DisposeAsync();
        }
        catch (IOException)
        {
            // Bytes that nobody wants any more did not fit on the disk.
        }
        try
        {
            File.Delete(_file.Name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Removed as stale, a day from now. Thrown from here, it would hide why the draft was given up.
        }
    }

    private bool Commit(string path)
    {
        FileBlobStore.Close(_file);
        _store.Directories.Prepare(path);
        var created = DurableFiles.TryMove(_file.Name, path);
        if (!created)
            File.Delete(_file.Name);
        if (!created && Directory.Exists(path))
            throw new StorageException(Reason.AccessDenied, $"{path} is a folder: no blob can have its name.");
        // Also where it was there: who has made it may not have come to this yet, and the caller relies on it.
        DurableFiles.SyncDirectory(Path.GetDirectoryName(path)!);
        return created;
    }
}
