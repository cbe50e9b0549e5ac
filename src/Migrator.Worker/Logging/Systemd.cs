using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace Migrator.Worker.Logging;

/// <summary>Tells systemd when the service has started and when it stops.</summary>
internal static class Systemd
{
    /// <summary>Whether it is there. The library looks for the name of the parent process, which <c>ProtectProc=invisible</c> hides from
    /// us; whoever gives us this socket waits for an answer.</summary>
    public static bool StartedUs => SystemdHelpers.IsSystemdService() || Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 };

    /// <summary>Not the library's AddSystemd, which does it only where it sees the parent, and sets another format of logs besides.</summary>
    public static IServiceCollection AddSystemdNotices(this IServiceCollection services) => StartedUs && !OperatingSystem.IsWindows()
        ? services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>()
        : services;
}
