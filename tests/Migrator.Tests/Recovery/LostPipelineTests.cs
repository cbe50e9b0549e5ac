using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;
using static Migrator.Tests.Recovery.LostConnectionTests;

namespace Migrator.Tests.Recovery;

/// <summary>The connection for appends alone breaks, or hangs.</summary>
public sealed class LostPipelineTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, false, "P1 APPEND")]
    [InlineData(1, false, "P20 APPEND")]
    [InlineData(1, true, "P1 OK")]
    [InlineData(1, true, "P7 OK")]
    public async Task A_pipeline_that_is_lost_once_gets_nothing_twice(int time, bool fromServer, string at)
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["MULTIAPPEND"]));
        await using var proxy = new LoopbackProxy(target.ImapPort) { CutWhen = Nth(time, fromServer, at) };
        await using var harness = new Harness(servers.Old, target, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(1, proxy.Cuts);
        await ShouldBeWholeAsync(harness, report);
    }

    [Fact]
    public async Task A_pipeline_that_takes_nothing_more_is_given_up()
    {
        var stalled = new TaskCompletionSource();
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["MULTIAPPEND"]));
        await using var proxy = new LoopbackProxy(target.ImapPort)
        {
            StallWhen = text => text.Contains("P1 APPEND", StringComparison.Ordinal) && stalled.TrySetResult(),
        };
        await using var harness = new Harness(servers.Old, target, servers.Old.ImapPort, proxy.Port);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 10, size: 390_000);
        var ends = harness.Ends with
        {
            OpenTarget = new ImapConnector(harness.Job.Target, DovecotServer.Password, new SteppingClock(stalled.Task)).OpenTargetAsync,
        };

        var report = await harness.RunAsync(Stop, new ImmediateClock(), ends);

        Assert.True(stalled.Task.IsCompleted);
        Assert.Equal((RunOutcome.Complete, 10), (report.Outcome, report.Total.Found));
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }
}
