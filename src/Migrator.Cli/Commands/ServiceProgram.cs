using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Migrator.App.Output;

namespace Migrator.Cli.Commands;

/// <summary>The program of the service, which lies beside this one.</summary>
internal static class ServiceProgram
{
    // EACCES and ENOEXEC, which have these numbers on Linux and macOS.
    private const int NoAccess = 13;
    private const int NoProgram = 8;

    private static string Location =>
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "migrator-service.exe" : "migrator-service");

    /// <summary>The command is done by the service's program, with the arguments that this one was given.</summary>
    public static void Starts(Command command) => command.SetAction((_, _) => StartAsync(Environment.GetCommandLineArgs()[1..]));

    private static Task<int> StartAsync(string[] arguments)
    {
        if (!File.Exists(Location))
            return Refuse(
                "it is missing. The .NET tool and the single file contain the command line only. Install the Debian package, "
                    + "an archive or the container image: each contains both programs"
            );
        return OperatingSystem.IsWindows() ? WaitAsync(arguments) : Refuse(Become(arguments));
    }

    private static Task<int> Refuse(string why)
    {
        Console.Error.WriteLine($"{Location} cannot be started: {why}.");
        return Task.FromResult(ExitCode.Configuration);
    }

    /// <summary>Puts that program in the place of this one: anyone who supervises the process (a shell, systemd, a container) has one
    /// process, and its signals and exit code need not be passed on.</summary>
    /// <returns>Only where it failed: why, and what to do.</returns>
    private static string Become(string[] arguments)
    {
        // Never freed: either the process becomes another, or it ends.
        IntPtr[] values = [.. arguments.Prepend(Location).Select(Marshal.StringToCoTaskMemUTF8), IntPtr.Zero];
        _ = Execute([.. Encoding.UTF8.GetBytes(Location), 0], values);
        var error = Marshal.GetLastPInvokeError();
        var hint = error switch
        {
            NoAccess => "Make it executable for this user (chmod a+x), on a file system that is not mounted noexec",
            NoProgram => "Install the package for this kind of machine",
            _ => "Install the package again",
        };
        return $"{Marshal.GetPInvokeErrorMessage(error)}. {hint}";
    }

    private static async Task<int> WaitAsync(string[] arguments)
    {
        // Both processes get Ctrl-C; it is the service that stops.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        using var service = Process.Start(new ProcessStartInfo(Location, arguments) { UseShellExecute = false })!;
        await service.WaitForExitAsync(CancellationToken.None);
        return service.ExitCode;
    }

    [DllImport("libc", EntryPoint = "execv", SetLastError = true)]
    private static extern int Execute(byte[] path, IntPtr[] arguments);
}
