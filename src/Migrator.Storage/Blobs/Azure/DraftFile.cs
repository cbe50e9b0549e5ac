using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>A nameless local file for a draft: gone with the process, however that ends.</summary>
internal static class DraftFile
{
    /// <exception cref="StorageException"><see cref="Reason.SpoolFailed"/>.</exception>
    public static FileStream Create(string directory)
    {
        try
        {
            return PrivateFiles.CreateTemporary(directory, FileShare.Read | FileShare.Delete);
        }
        catch (Exception exception) when (Translate(directory, exception) is { } failure)
        {
            throw failure;
        }
    }

    public static StorageException? Translate(string directory, Exception exception) =>
        exception is IOException or UnauthorizedAccessException
            ? new StorageException(
                Reason.SpoolFailed,
                $"What is on its way to the store cannot be kept in {directory}: {exception.Message}",
                exception
            )
            : null;
}
