using System.Globalization;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Recovery;

/// <summary>A sample of what <c>Migrator.Benchmarks walk</c> does for as long as somebody likes.</summary>
public sealed class RandomWalkTests(DovecotFixture servers)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_users_do_between_runs_that_fail_the_target_is_as_promised(bool follows)
    {
        var first = int.Parse(Environment.GetEnvironmentVariable("MIGRATOR_TEST_SEED") ?? "1", CultureInfo.InvariantCulture);
        foreach (var seed in Enumerable.Range(first, Proof.Of(2, 20)))
        {
            var directory = Directory.CreateTempSubdirectory("walk");
            var walk = new RandomWalk(
                servers.Old,
                servers.New,
                directory.FullName,
                seed,
                TestContext.Current.SendDiagnosticMessage,
                follows
            );
            await walk.RunAsync(100, TestContext.Current.CancellationToken);
            Assert.True(walk.Failures > 0 && walk.Complete > 0);
            directory.Delete(recursive: true);
        }
    }
}
