using Xunit;

namespace Migrator.Tests.Fuzzing;

/// <summary>Whatever bytes come from outside, readers end, and fail only as they promise to.</summary>
public sealed class FuzzTests
{
    private const int Seed = 1;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Any_bytes_are_read_or_refused(string name)
    {
        await using var target = await FuzzTargets.MakeAsync(name, Stop);

        await new FuzzRun(target, Seed).RunAsync(Proof.Of(60, 3000), Stop);
    }

    /// <summary>Else what is mutated never gets far.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_mutated_is_read_to_its_end_as_it_is(string name)
    {
        await using var target = await FuzzTargets.MakeAsync(name, Stop);

        if (target is SessionTarget session)
            session.IsHurried = false;
        foreach (var (origin, input) in target.Inputs.Index())
        {
            await new FuzzRun(target, Seed).TryAsync(input, origin, Stop);
            Assert.True(target.WasRead, $"Input {origin} is refused: {target.Refusal}");
        }
    }
}
