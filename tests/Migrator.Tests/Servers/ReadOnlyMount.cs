using System.Diagnostics;
using Xunit;

namespace Migrator.Tests.Servers;

/// <summary>Makes a file or a directory read-only for everybody, root too, as a disk with faults becomes.</summary>
internal static class ReadOnlyMount
{
    /// <summary>What is open for writing already stays so. Skips the test where the user may not mount.</summary>
    public static async Task WhileAsync(string path, Func<Task> meanwhile)
    {
        Assert.SkipUnless(Run("mount", "--bind", path, path), "Read-only directories can be mounted by root only.");
        try
        {
            Assert.True(Run("mount", "-o", "remount,bind,ro", path));
            await meanwhile();
        }
        finally
        {
            Run("umount", "--lazy", path);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
