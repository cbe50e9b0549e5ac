using Migrator.Core.Reports;
using Migrator.Tests.Corpus;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>Odd messages to and from simulated providers that store what they are given.</summary>
public sealed class ProviderCorpusTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerMake.OldCourier)]
    [InlineData(ServerMake.Yahoo)]
    public async Task From_it_each_arrives_as_it_was(ServerMake make)
    {
        await using var server = await AnyServer.StartAsync(make);
        await using (await server.LogInAsync())
            await OddMessages.All.DeliverAsync(server.Behind!, server.Login);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Source = server.Account };

        var report = await harness.RunAsync(Stop);
        File.Delete(Path.Combine(harness.State, "checkpoints.db"));
        var second = await harness.RunAsync(Stop);

        Assert.Empty(report.Failures);
        Assert.Equal((RunOutcome.Complete, OddMessages.All.Count), (report.Outcome, report.Total.Delivered));
        Assert.Equal((0L, (long)OddMessages.All.Count), (second.Total.Delivered, second.Total.AlreadyThere));
        Assert.Equal((await server.ContentAsync())["INBOX"], (await harness.TargetContentAsync()).Folders["INBOX"]);
    }

    [Theory]
    [InlineData(ServerMake.OldCourier)]
    [InlineData(ServerMake.Yahoo)]
    public async Task To_it_each_arrives_once_or_is_named(ServerMake make)
    {
        await using var server = await AnyServer.StartAsync(make);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Target = server.Account };
        await OddMessages.All.DeliverAsync(servers.Old, harness.SourceUser);

        var report = await harness.RunAsync(Stop);
        var there = await ThereAsync();
        var second = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        // Yahoo takes no message that does not end in a line end.
        Assert.Equal(make == ServerMake.Yahoo, report.Failures.Count > 0);
        Assert.All(report.Failures, failure => Assert.Equal("append-refused", failure.Failure.Code));
        Assert.Equal(report.Failures.Count, OddMessages.All.Count - there.Count);
        Assert.Equal((0L, report.Failures.Count), (second.Total.Delivered, second.Failures.Count));
        Assert.Equal(there, await ThereAsync());
        var left = Hashes((await harness.SourceContentAsync()).Folders["INBOX"]);
        var altered = there.Count(hash => !left.Remove(hash));
        Assert.Equal(altered, report.Differences.Count(difference => difference.Kind == DifferenceKind.Content));
        Assert.Equal(report.Failures.Count, verified.Folders.Sum(folder => folder.Missing));
        Assert.Equal(altered, verified.Folders.Sum(folder => folder.Altered));

        async Task<List<string>> ThereAsync() => Hashes((await server.ContentAsync())["INBOX"]);
    }

    private static List<string> Hashes(IEnumerable<MailboxContent.Message> messages) =>
        [.. messages.Select(message => message.Hash).Order(StringComparer.Ordinal)];
}
