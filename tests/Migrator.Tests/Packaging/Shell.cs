using System.Diagnostics;
using Migrator.Tests.Telemetry;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Packaging;

/// <summary>Runs programs in the repository, as somebody who makes or installs packages does.</summary>
internal static class Shell
{
    public static string Repository => Docs.Path("..").TrimEnd('/');

    /// <returns>The exit code, and what was written to both streams.</returns>
    public static Task<(int Code, string Output)> RunAsync(string program, params string[] arguments) =>
        RunAsync(new Dictionary<string, string>(), program, arguments);

    /// <inheritdoc cref="RunAsync(string, string[])"/>
    public static async Task<(int Code, string Output)> RunAsync(
        IReadOnlyDictionary<string, string> environment,
        string program,
        params string[] arguments
    )
    {
        var stop = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository,
        };
        // Build servers would outlive the tests and hold their streams open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(stop);
        var output = await process.StandardOutput.ReadToEndAsync(stop) + await errors;
        await process.WaitForExitAsync(stop);
        return (process.ExitCode, output);
    }

    /// <summary>Makes packages by build.sh, of the programs that ./test.sh has published. Skips the test where there are none.</summary>
    public static async Task BuildAsync(DirectoryInfo packages, string target, params (string Name, string Value)[] environment)
    {
        Assert.SkipWhen(MigratorProgram.Published is null, "TESTED_MIGRATOR names no published program: run ./test.sh.");
        var variables = environment.ToDictionary(variable => variable.Name, variable => variable.Value);
        variables["OUT"] = packages.FullName;
        var (code, output) = await RunAsync(
            variables,
            Path.Combine(Repository, "build.sh"),
            "--from",
            Path.GetDirectoryName(MigratorProgram.Published)!,
            target
        );
        Assert.True(code == 0, output);
    }
}
