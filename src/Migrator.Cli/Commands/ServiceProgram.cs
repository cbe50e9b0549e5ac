using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Migrator.App.Output;

namespace Migrator.Cli.Commands;

/// <summary>The program of the service, which lies beside this one.</summary>
internal static class ServiceProgram
{
    private static string Location => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "migrator-service.exe" : "migrator-service");

    /// <summary>The command is done by the service's program, with the arguments that this one was given.</summary>
    public static void Starts(Command command) => command.SetAction((_, _) => StartAsync(Environment.GetCommandLineArgs()[1..]));

    private static Task<int> StartAsync(string[] arguments)
    {
        if (!File.Exists(Location))
            return Refuse("it is missing. Install the whole of Migrator: both programs in one directory");
        return OperatingSystem.IsWindows() ? WaitAsync(arguments) : Refuse($"{Become(arguments)}. Check its rights");
    }

    private static Task<int> Refuse(string why)
    {
        Console.Error.WriteLine($"{Location} cannot be started: {why}.");
        return Task.FromResult(ExitCode.Configuration);
    }

    /// <summary>Puts that program in the place of this one: whoever supervises the process (a shell, systemd, a container) has one process, and its
    /// signals and exit code need not be passed on.</summary>
    /// <returns>Only where it failed: why.</returns>
    private static string Become(string[] arguments)
    {
        // Never freed: either the process becomes another, or it ends.
        IntPtr[] values = [.. arguments.Prepend(Location).Select(Marshal.StringToCoTaskMemUTF8), IntPtr.Zero];
        Execute([.. Encoding.UTF8.GetBytes(Location), 0], values);
        return Marshal.GetLastPInvokeErrorMessage();
    }

    private static async Task<int> WaitAsync(string[] arguments)
    {
        // Both processes get Ctrl-C; it is the service that stops.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        using var service = Process.Start(new ProcessStartInfo(Location, arguments) { UseShellExecute = false })!;
        await service.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        return service.ExitCode;
    }

    [DllImport("libc", EntryPoint = "execv", SetLastError = true)]
    private static extern int Execute(byte[] path, IntPtr[] arguments);
}
