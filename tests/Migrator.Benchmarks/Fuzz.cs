using System.Globalization;
using Migrator.Tests.Fuzzing;

namespace Migrator.Benchmarks;

/// <summary>Gives mutated inputs to every reader of foreign bytes, for as long as is wanted.</summary>
internal static class Fuzz
{
    /// <param name="only">The name of a target; null for all of them.</param>
    /// <returns>Whether nothing was found.</returns>
    public static async Task<bool> RunAsync(TimeSpan duration, string? only, int seed)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {seed}."));
        var findings = 0;
        foreach (var name in FuzzTargets.Names.Where(name => only is null || name == only))
        {
            await using var target = await FuzzTargets.MakeAsync(name, CancellationToken.None);
            var run = new FuzzRun(target, seed, measuresMemory: true);
            var finding = "nothing found";
            try
            {
                await run.RunAsync(duration, CancellationToken.None);
            }
            catch (FuzzFinding found)
            {
                findings++;
                finding = found.Message;
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {run.Tried:N0} inputs, {finding}"));
        }
        return findings == 0;
    }
}
