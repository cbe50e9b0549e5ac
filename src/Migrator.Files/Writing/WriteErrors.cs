using Migrator.Core.Failures;

namespace Migrator.Files.Writing;

/// <summary>Says in our words what the disk did not do. Done at each write: a source into which an <see cref="IOException"/> goes would
/// take it for a lost connection.</summary>
internal static class WriteErrors
{
    /// <param name="directory">Of the export, for people.</param>
    public static T Guarded<T>(string directory, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception exception) when (IsDisk(exception))
        {
            throw Translated(directory, exception);
        }
    }

    /// <inheritdoc cref="Guarded{T}"/>
    public static void Guarded(string directory, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (IsDisk(exception))
        {
            throw Translated(directory, exception);
        }
    }

    public static bool IsDisk(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static StorageException Translated(string directory, Exception exception) =>
        new(Reason.ExportTarget, $"{directory}: writing failed: {exception.Message}", exception);
}
