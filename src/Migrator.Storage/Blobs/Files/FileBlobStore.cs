using System.Runtime.CompilerServices;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Storage.Blobs.Files;

/// <summary>Blobs as files below a folder: a local disk or a share. Blob <c>a/b</c> is the file <c>b</c> in the folder <c>a</c>, which is
/// why <c>a</c> cannot be a blob besides. Made for this user alone.</summary>
/// <param name="root">Made at the first write if it is missing; until then the store is empty.</param>
/// <param name="time">Decides which drafts are left over from a crash.</param>
public sealed class FileBlobStore(string root, TimeProvider time) : IBlobStore
{
    private const int BufferSize = 128 * 1024;

    // Many small parts of packs are read, one after the other: no buffer that only a full collection takes back.
    private const int ReadBufferSize = 32 * 1024;

    public string Location { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    internal BlobDirectories Directories { get; } = new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)));

    public async Task<IBlobDraft> DraftAsync(CancellationToken cancellationToken) =>
        await FileFailure.GuardAsync(Location, () => new FileBlobDraft(this, NewDraft(BufferSize)), cancellationToken);

    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        return FileFailure.GuardAsync(path, () => Find(name, path), cancellationToken);
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BlobName.RequirePrefix(prefix);
        // Folders still to be read; the next one on top. One folder's entries at most are held for each level.
        var waiting = new Stack<(string Name, FileInfo? File)>();
        // Not from the root: a folder that has one for each mailbox would be read for each of them.
        waiting.Push((prefix[..(prefix.LastIndexOf('/') + 1)], null));
        while (waiting.TryPop(out var next))
        {
            if (next.File is { } file)
            {
                yield return new BlobInfo(next.Name, file.Length, file.LastWriteTimeUtc);
                continue;
            }
            var directory = Path.Combine(Location, next.Name);
            var entries = await FileFailure.GuardAsync(directory, () => FileListing.Read(directory, next.Name, prefix), cancellationToken);
            for (var index = entries.Count - 1; index >= 0; index--)
                waiting.Push(entries[index]);
        }
    }

    public Task<Stream> OpenAsync(string name, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var path = PathOf(name);
        return FileFailure.GuardAsync<Stream>(
            path,
            () => new BlobStream(Open(path, offset), length, exception => FileFailure.Translate(path, exception)),
            cancellationToken
        );
    }

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        ReplaceAsync(name, content, isDurable: true, cancellationToken);

    public Task ReplaceVolatileAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        ReplaceAsync(name, content, isDurable: false, cancellationToken);

    private Task<bool> ReplaceAsync(string name, ReadOnlyMemory<byte> content, bool isDurable, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        return FileFailure.GuardAsync(
            path,
            () =>
            {
                // Not buffered: it is here as a whole, and a large buffer is one that only a full collection takes back.
                using var file = NewDraft(bufferSize: 0);
                try
                {
                    file.Write(content.Span);
                    Close(file, isDurable);
                    Directories.Prepare(path);
                    File.Move(file.Name, path, overwrite: true);
                    if (isDurable)
                        DurableFiles.SyncDirectory(Path.GetDirectoryName(path)!);
                    return true;
                }
                catch
                {
                    File.Delete(file.Name);
                    throw;
                }
            },
            cancellationToken
        );
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        return FileFailure.GuardAsync(
            path,
            () =>
            {
                try
                {
                    if (!Directory.Exists(path))
                        File.Delete(path);
                }
                catch (DirectoryNotFoundException)
                {
                    // Not there either.
                }
                return true;
            },
            cancellationToken
        );
    }

    public ValueTask DisposeAsync() => default;

    /// <summary>Within the root, always: a valid name has neither empty parts nor such that begin with a dot.</summary>
    internal string PathOf(string name)
    {
        BlobName.Require(name);
        return Path.Combine(Location, name.Replace('/', Path.DirectorySeparatorChar));
    }

    /// <summary>Lets go of a draft whose bytes are all written: an open file cannot be renamed on Windows.</summary>
    internal static void Close(FileStream draft, bool isDurable = true)
    {
        // Sets the date, by the clock of the machine that holds the disk: the bytes may have been written long before.
        draft.SetLength(draft.Length);
        draft.Flush(flushToDisk: isDurable);
        draft.Dispose();
    }

    private FileStream NewDraft(int bufferSize)
    {
        Directories.RemoveStaleDrafts(time.GetUtcNow());
        return PrivateFiles.Create(Directories.NewDraft(), bufferSize: bufferSize);
    }

    private static FileStream Open(string path, long offset)
    {
        try
        {
            // .NET says that access is denied where it is a folder that is opened.
            if (!Directory.Exists(path))
                return new FileStream(RegularFile.OpenNamed(path), FileAccess.Read, ReadBufferSize) { Position = offset };
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Neither is a folder a blob.
        }
        throw new StorageException(Reason.BlobMissing, $"{path} is not there.");
    }

    private static BlobInfo? Find(string name, string path)
    {
        try
        {
            // Asked first because it throws where access is denied: FileInfo would say that the file is not there.
            if (File.GetAttributes(path).HasFlag(FileAttributes.Directory))
                return null;
            var file = new FileInfo(path);
            return new BlobInfo(name, file.Length, file.LastWriteTimeUtc);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
