using System.Globalization;
using Migrator.Core.Jobs;

namespace Migrator.Mail.Connecting;

/// <summary>Where connections are written down, on request: one file for each, of commands and responses without the contents of
/// messages and without credentials. Folder names, user names and flags are in it.</summary>
/// <param name="directory">Made where it is missing; only its owner may read what is in it.</param>
public sealed class ProtocolLogs(string directory, TimeProvider time)
{
    private int _number;

    /// <exception cref="IOException">The file cannot be made.</exception>
    internal Transcript Begin(MailServer server)
    {
        Directory.CreateDirectory(directory);
        var host = string.Concat(server.Host.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        var name = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().UtcDateTime:yyyyMMdd-HHmmss}-{host}-{server.Protocol.ToString().ToLowerInvariant()}-{Environment.ProcessId}-{Interlocked.Increment(ref _number)}.log");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new Transcript(new StreamWriter(Path.Combine(directory, name), options) { AutoFlush = true, NewLine = "\n" }, time);
    }
}
