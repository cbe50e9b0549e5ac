using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>A nameless local file for a draft: gone with the process, however that ends.</summary>
internal static class DraftFile
{
    private const int BufferSize = 128 * 1024;

    /// <exception cref="StorageException"><see cref="Reason.SpoolFailed"/>.</exception>
    public static FileStream Create(string directory)
    {
        var path = Path.Combine(directory, $"draft-{Guid.NewGuid():n}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read | FileShare.Delete, BufferSize = BufferSize, Options = FileOptions.DeleteOnClose };
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(directory);
                return new FileStream(path, options);
            }
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var file = new FileStream(path, options);
            // Unix deletes on close only where the process comes to it; an open file lives without a name.
            File.Delete(path);
            return file;
        }
        catch (Exception exception) when (Translate(directory, exception) is { } failure)
        {
            throw failure;
        }
    }

    public static StorageException? Translate(string directory, Exception exception) => exception is IOException or UnauthorizedAccessException
        ? new StorageException(Reason.SpoolFailed, $"What is on its way to the store cannot be kept in {directory}: {exception.Message}", exception)
        : null;
}
