using Migrator.Core.Reports;
using Migrator.Tests.Corpus;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>Odd messages to and from an Exchange that rebuilds each message at each fetch.</summary>
public sealed class ExchangeCorpusTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task To_exchange_each_arrives_once_or_is_named()
    {
        await using var exchange = await ExchangeServer.StartAsync(
            new ExchangeTraits
            {
                RewritesEachTime = true,
                EstimatesSizes = true,
                LongestLine = 9_900,
                LargestMessage = 500_000,
            }
        );
        await using var harness = new Harness(servers.Old, exchange.Server, servers.Old.ImapPort, exchange.Port);
        await OddDelivery.DeliverAsync(
            [.. OddMessages.All, new OddMessage("large", Letters.Letter(1, 9_000).Concat(Lines(600_000)).ToArray())],
            harness.Old,
            harness.SourceUser
        );

        var report = await harness.RunAsync(Stop);
        var there = Hashes(await harness.TargetContentAsync());
        var second = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, RunOutcome.Partial), (report.Outcome, second.Outcome));
        Assert.Contains(report.Failures, failure => failure.Failure.Code == "line-too-long");
        Assert.Contains(report.Failures, failure => failure.Failure.Code == "too-large");
        Assert.All(
            report.Failures,
            failure => Assert.Contains(failure.Failure.Code, new[] { "line-too-long", "too-large", "append-refused" })
        );
        Assert.Equal((0L, report.Failures.Count), (second.Total.Delivered, second.Failures.Count));
        var source = Hashes(await harness.SourceContentAsync());
        Assert.Equal(source.Count, there.Count + report.Failures.Count);
        Assert.Equal(there, Hashes(await harness.TargetContentAsync()));
        // Each once: what is there is what was sent, and nothing more often.
        Assert.All(there.CountBy(hash => hash), hash => Assert.True(hash.Value <= source.Count(sent => sent == hash.Key)));
        // What the run says of them is what verify says.
        var verified = await harness.VerifyAsync(Stop);
        Assert.Equal(report.Failures.Count, verified.Folders.Sum(folder => folder.Missing));
        Assert.Equal(Altered(report.Differences), Altered(verified.Differences));
        Assert.InRange(verified.Folders.Sum(folder => folder.Altered), 1, 10);
    }

    [Fact]
    public async Task From_exchange_each_arrives_once()
    {
        await using var exchange = await ExchangeServer.StartAsync(new ExchangeTraits { RewritesEachTime = true, EstimatesSizes = true });
        await using var harness = new Harness(exchange.Server, servers.New, exchange.Port, servers.New.ImapPort);
        await OddMessages.All.DeliverAsync(harness.Old, harness.SourceUser);

        var report = await harness.RunAsync(Stop);
        File.Delete(Path.Combine(harness.State, "checkpoints.db"));
        var second = await harness.RunAsync(Stop);

        Assert.Empty(report.Failures);
        Assert.Equal((0L, (long)OddMessages.All.Count), (second.Total.Delivered, second.Total.AlreadyThere));
        Assert.Equal(OddMessages.All.Count, Hashes(await harness.TargetContentAsync()).Count);
        Assert.Equal(0, (await harness.VerifyAsync(Stop)).Folders.Sum(folder => folder.Missing));
    }

    private static List<string> Altered(IEnumerable<Difference> differences) =>
        [
            .. differences
                .Where(difference => difference.Kind == DifferenceKind.Content)
                .Select(difference => $"{difference.Uid}: {difference.Actual.Split("what differs: ")[^1]}")
                .Order(StringComparer.Ordinal),
        ];

    private static List<string> Hashes(MailboxContent content) =>
        [.. content.Folders["INBOX"].Select(message => message.Hash).Order(StringComparer.Ordinal)];

    private static IEnumerable<byte> Lines(int size) => Enumerable.Repeat("0123456789\r\n"u8.ToArray(), size / 12).SelectMany(line => line);
}
