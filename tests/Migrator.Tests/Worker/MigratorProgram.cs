using Migrator.Cli.Commands;

namespace Migrator.Tests.Worker;

/// <summary>The program that tests start: the published one that <c>TESTED_MIGRATOR</c> names, as ./test.sh does; else what was built with
/// the tests.</summary>
internal static class MigratorProgram
{
    public static string? Published =>
        Environment.GetEnvironmentVariable("TESTED_MIGRATOR") is { Length: > 0 } named ? Path.GetFullPath(named) : null;

    public static IReadOnlyList<string> Command { get; } =
        Published is { } published ? [published] : [Host, typeof(CommandLine).Assembly.Location];

    private static string Host =>
        Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet";
}
