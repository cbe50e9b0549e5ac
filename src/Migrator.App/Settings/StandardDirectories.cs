namespace Migrator.App.Settings;

/// <summary>Where files are by convention: the XDG base directories, or the application data directories of Windows.</summary>
public static class StandardDirectories
{
    private const string WindowsName = "Migrator",
        UnixName = "migrator";

    /// <summary>Settings for all users of this machine.</summary>
    public static string SystemSettings =>
        OperatingSystem.IsWindows()
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), WindowsName)
            : "/etc/migrator";

    /// <summary>Settings of the current user; null for a user without a home directory.</summary>
    public static string? UserSettings =>
        OperatingSystem.IsWindows()
            ? Below(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), WindowsName)
            : Below(Environment.GetEnvironmentVariable("XDG_CONFIG_HOME"), UnixName) ?? Below(Home, ".config", UnixName);

    /// <summary>Checkpoints, spool and reports of the current user.</summary>
    public static string State
    {
        get
        {
            if (OperatingSystem.IsWindows())
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), WindowsName);
            return Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
                ? Path.Combine(state, UnixName)
                : Path.Combine(Home, ".local", "state", UnixName);
        }
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>With "~" for the home directory.</summary>
    public static string Shown(string path) =>
        Home is { Length: > 1 } home && path.StartsWith(home + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? $"~{path[home.Length..]}"
            : path;

    /// <summary>The XDG specification ignores relative paths:
    /// they would depend on the current directory, which may be a stranger's.</summary>
    private static string? Below(string? directory, params string[] names) =>
        Path.IsPathRooted(directory) ? Path.Combine([directory, .. names]) : null;
}
