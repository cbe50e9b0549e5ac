using System.Globalization;
using Migrator.Core.Jobs;

namespace Migrator.Mail.Connecting;

/// <summary>Where connections are written down, on request: one file for each, of commands and responses without the contents of
/// messages and without credentials. Folder names, user names and flags are in it.</summary>
public sealed class ProtocolLogs
{
    private static int s_number;

    private readonly string _directory;
    private readonly TimeProvider _time;

    /// <param name="directory">Made where it is missing; only the owner may read what is written there.</param>
    /// <exception cref="JobFileException">It cannot be made.</exception>
    public ProtocolLogs(string directory, TimeProvider time)
    {
        (_directory, _time) = (directory, time);
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new JobFileException("settings", [new JobFileError("Logging:Protocol", $"the directory {directory} cannot be made: {exception.Message}")]);
        }
    }

    internal Transcript Begin(MailServer server)
    {
        var host = string.Concat(server.Host.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        var name = string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow().UtcDateTime:yyyyMMdd-HHmmss}-{host}-{server.Protocol.ToString().ToLowerInvariant()}-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}.log");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new Transcript(new StreamWriter(Path.Combine(_directory, name), options) { AutoFlush = true, NewLine = "\n" }, _time);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // That it cannot be watched is no reason not to connect.
            return new Transcript(TextWriter.Null, _time);
        }
    }
}
