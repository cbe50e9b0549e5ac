using Migrator.Core.Files;

namespace Migrator.Service.Execution;

/// <summary>Whether files can be written in the state directory: the spool and the reports are there, with any store.</summary>
/// <param name="state">The directory.</param>
public sealed class StateDirectoryProbe(string state, TimeProvider time)
{
    /// <summary>Anyone who asks more often gets the last answer: asking is open to everybody.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    // One name for all: what a crash leaves behind is written over, and does not add up.
    private const string Name = "writable.probe";

    private readonly Lock _gate = new();
    private long? _tried;
    private string? _problem;

    /// <returns>Why they cannot; null where they can.</returns>
    public string? Problem()
    {
        lock (_gate)
        {
            if (_tried is { } tried && time.GetElapsedTime(tried) < Every)
                return _problem;
            _problem = Try();
            _tried = time.GetTimestamp();
            return _problem;
        }
    }

    private string? Try()
    {
        try
        {
            var path = Path.Combine(state, Name);
            using (var file = PrivateFiles.OpenOrCreate(path, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1))
            {
                // A file without content fits on a full disk.
                file.WriteByte(0);
                file.Flush();
            }
            File.Delete(path);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"The state directory {state} cannot be written: {exception.Message}";
        }
    }
}
