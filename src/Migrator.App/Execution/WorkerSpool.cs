using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.App.Execution;

/// <summary>The spool of one worker. Several may share a state directory, and one that was held up still has its files open when
/// another continues with its mailbox.</summary>
public sealed class WorkerSpool : IDisposable
{
    private static readonly FileStreamOptions s_alone = new()
    {
        Mode = FileMode.Open,
        Access = FileAccess.Write,
        Share = FileShare.None,
        BufferSize = 1,
        Options = FileOptions.DeleteOnClose,
    };

    private readonly FileStream _held;

    private WorkerSpool(string path, FileStream held) => (Path, _held) = (path, held);

    /// <summary>A directory that no other worker uses.</summary>
    public string Path { get; }

    /// <summary>Makes one, and removes those of workers that are gone.</summary>
    /// <param name="directory">Of all spools.</param>
    /// <param name="worker">Its name.</param>
    /// <exception cref="ConfigurationException">The directory cannot be written.</exception>
    public static WorkerSpool Open(string directory, string worker)
    {
        try
        {
            PrivateFiles.CreateDirectory(directory);
            foreach (var other in Directory.EnumerateFiles(directory, "*.lock"))
                RemoveIfLeft(other);
            var path = System.IO.Path.Combine(directory, worker);
            var held = PrivateFiles.Create(path + ".lock", bufferSize: 1, options: FileOptions.DeleteOnClose);
            PrivateFiles.CreateDirectory(path);
            return new WorkerSpool(path, held);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                "settings",
                [new ConfigurationError("StateDirectory", $"{directory} cannot be written: {exception.Message}")]
            );
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
        _held.Dispose();
    }

    private static void RemoveIfLeft(string file)
    {
        try
        {
            if (RegularFile.Kind(file) != EntryKind.Regular)
                return;
            using var held = new FileStream(file, s_alone);
            var left = file[..^".lock".Length];
            if (Directory.Exists(left))
                Directory.Delete(left, recursive: true);
        }
        catch (IOException)
        {
            // A worker that lives holds it.
        }
    }
}
