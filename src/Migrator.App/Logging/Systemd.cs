using System.Globalization;

namespace Migrator.App.Logging;

/// <summary>Whether systemd started this process.</summary>
public static class Systemd
{
    /// <summary>By what systemd gives its services: a socket to answer to, or the number of the process that it started. Not by the name of
    /// the parent process, which <c>ProtectProc=invisible</c> hides.</summary>
    public static bool StartedUs =>
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 }
        || Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
}
