using Migrator.Core.Failures;

namespace Migrator.Storage.Blobs.Files;

/// <summary>Says what errors of a file system mean to an archive.</summary>
internal static class FileFailure
{
    // Errors of Unix are the HResult as they are: ENOSPC, EDQUOT of Linux, EROFS. Those of Windows: disk full, handle disk full.
    private const int NoSpace = 28,
        OverQuota = 122,
        ReadOnlyDisk = 30;
    private const int DiskFull = unchecked((int)0x80070070),
        HandleDiskFull = unchecked((int)0x80070027);

    public static async Task<T> GuardAsync<T>(string path, Func<T> call, CancellationToken cancellationToken)
    {
        try
        {
            // The calls block, for as long as a disk or a share on the network takes.
            return await Task.Run(call, cancellationToken);
        }
        catch (Exception exception) when (Translate(path, exception) is { } failure)
        {
            throw failure;
        }
    }

    /// <returns>Null for what is not a failure of the file system.</returns>
    public static StorageException? Translate(string path, Exception exception) =>
        exception switch
        {
            UnauthorizedAccessException or IOException { HResult: ReadOnlyDisk } => new StorageException(
                Reason.AccessDenied,
                $"{path} may not be used: {exception.Message}",
                exception
            ),
            IOException { HResult: NoSpace or OverQuota or DiskFull or HandleDiskFull } => new StorageException(
                Reason.StoreFull,
                $"{path} cannot be written: there is no room left on the disk.",
                exception
            ),
            IOException => new StorageException(Reason.StoreUnreachable, $"{path} cannot be used: {exception.Message}", exception),
            _ => null,
        };
}
