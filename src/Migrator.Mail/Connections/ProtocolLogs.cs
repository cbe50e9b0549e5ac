using System.Globalization;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Jobs;

namespace Migrator.Mail.Connections;

/// <summary>Where connections are written down, on request: one file for each, of commands and responses without the contents of
/// messages and without credentials. Folder names, user names and flags are in it.</summary>
public sealed class ProtocolLogs
{
    private static int s_number;

    private readonly TimeProvider _time;

    /// <param name="directory">Made where it is missing; only the owner may read what is written there.</param>
    /// <exception cref="ConfigurationException">It cannot be made.</exception>
    public ProtocolLogs(string directory, TimeProvider time)
    {
        (Directory, _time) = (directory, time);
        try
        {
            PrivateFiles.CreateDirectory(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                "settings",
                [new ConfigurationError("Logging:Protocol", $"the directory {directory} cannot be created: {exception.Message}")]
            );
        }
    }

    public string Directory { get; }

    internal Transcript Begin(MailServer server)
    {
        var host = string.Concat(server.Host.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        var begun = _time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var protocol = server.Protocol.ToString().ToLowerInvariant();
        var name = $"{begun}-{host}-{protocol}-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}.log";
        try
        {
            return new Transcript(
                new StreamWriter(PrivateFiles.Create(Path.Combine(Directory, name), share: FileShare.Read))
                {
                    AutoFlush = true,
                    NewLine = "\n",
                },
                _time
            );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // That it cannot be watched is no reason not to connect.
            return new Transcript(TextWriter.Null, _time);
        }
    }
}
