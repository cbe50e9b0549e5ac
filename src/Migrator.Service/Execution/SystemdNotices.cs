using Microsoft.Extensions.Hosting.Systemd;
using Migrator.App.Logging;

namespace Migrator.Service.Execution;

/// <summary>Tells systemd when the service has started and when it stops.</summary>
internal static class SystemdNotices
{
    /// <summary>Not the library's AddSystemd, which does it only where it sees the parent, and sets another format of logs
    /// besides.</summary>
    public static IServiceCollection AddSystemdNotices(this IServiceCollection services) =>
        Systemd.StartedUs && !OperatingSystem.IsWindows()
            ? services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>()
            : services;
}
