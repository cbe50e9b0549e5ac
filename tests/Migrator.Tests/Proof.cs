namespace Migrator.Tests;

/// <summary>How far proofs go that take minutes: a sample in every run of the tests, all of it by <c>./test.sh --long</c>.</summary>
internal static class Proof
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("MIGRATOR_LONG") == "1";

    public static int Of(int sample, int all) => IsLong ? all : sample;
}
