using System.Text.RegularExpressions;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>Targets that change what they store, or do not keep it.</summary>
public sealed partial class AlterationTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_target_altered_beside_a_strangers_message_is_recognised()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["UIDPLUS"]));
        await using var harness = new Harness(servers.Old, target);
        await using (var source = await harness.SourceAsync())
            await source.AppendAsync("INBOX", "Subject: altered\r\n\r\nbody\r\r"u8.ToArray());
        await using var other = await harness.TargetAsync();
        await using var proxy = new LoopbackProxy(target.ImapPort)
        {
            FromServer = text => AppendUid().Replace(text, ""),
            Sees = (fromServer, text) =>
            {
                if (fromServer && text.Contains("APPENDUID", StringComparison.Ordinal))
                    other.AppendAsync("INBOX", Letter(77)).GetAwaiter().GetResult();
            },
        };
        harness.Job = harness.Job with { Target = Harness.Server(proxy.Port, harness.TargetUser, null) };

        var first = await harness.RunAsync(Stop);
        var second = await harness.RunAsync(Stop);

        Assert.Equal((1, DifferenceKind.Content), (first.Total.Delivered, Assert.Single(first.Differences).Kind));
        Assert.Equal((0, 1), (second.Total.Delivered, second.Total.AlreadyThere));
        Assert.Equal(2, (await harness.TargetContentAsync()).Count);
    }

    [Fact]
    public async Task What_the_target_alters_is_reported()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
        {
            // Dovecot drops a CR at the very end when it stores a message: of two, one is left at the source, and none at the target.
            await source.AppendAsync("INBOX", "Subject: altered\r\n\r\nbody\r\r"u8.ToArray());
            await source.AppendAsync("INBOX", Letter(1));
        }

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal((2, 0), (report.Total.Delivered, again.Total.Delivered));
        Assert.Equal((RunOutcome.Partial, RunOutcome.Partial), (report.Outcome, again.Outcome));
        Assert.Equal((DifferenceKind.Content, 1u), (Assert.Single(report.Differences).Kind, report.Differences[0].Uid!.Value));
        Assert.Equal(report.Differences, again.Differences);
        Assert.Equal((DifferenceKind.Content, "altered"), (Assert.Single(verified.Differences).Kind, verified.Differences[0].Subject));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_target_takes_and_does_not_keep_is_reported_by_every_run(bool connectionLost)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 5);
        await using var other = await harness.TargetAsync();
        var deleted = 0;
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (!fromServer && text.Contains("UID FETCH", StringComparison.Ordinal) && Interlocked.Increment(ref deleted) == 1)
                    other.DeleteAsync("INBOX", "3").GetAwaiter().GetResult();
            },
            CutWhen = connectionLost ? (_, _) => Interlocked.CompareExchange(ref deleted, 2, 1) == 1 : null,
        };
        harness.Job = harness.Job with { Target = Harness.Server(proxy.Port, harness.TargetUser, null) };

        foreach (var delivered in new[] { 5, 0, 0 })
        {
            var report = await harness.RunAsync(Stop, new Recovery.ImmediateClock());

            Assert.Equal((5, delivered, RunOutcome.Partial), (report.Total.Found, report.Total.Delivered, report.Outcome));
            Assert.Equal((DifferenceKind.Missing, 3u), (Assert.Single(report.Differences).Kind, report.Differences[0].Uid!.Value));
        }
    }

    [Fact]
    public async Task What_the_target_alters_without_a_change_in_size_is_reported_too()
    {
        // As Cyrus does with 8-bit bytes in a header.
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            FromServer = text => text.Replace("caf\u00e9", "cafX", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await using (var source = await harness.SourceAsync())
        {
            await source.AppendAsync("INBOX", [.. "Subject: caf"u8, 0xE9, .. "\r\n\r\nbody\r\n"u8]);
            await source.AppendAsync("INBOX", Letter(1));
        }

        var report = await harness.RunAsync(Stop);

        var difference = Assert.Single(report.Differences);
        Assert.Equal((DifferenceKind.Content, 1u), (difference.Kind, difference.Uid!.Value));
        Assert.Equal((2, RunOutcome.Partial), (report.Total.Delivered, report.Outcome));
    }

    [GeneratedRegex(@"\[APPENDUID [^\]]*\] ?")]
    private static partial Regex AppendUid();
}
