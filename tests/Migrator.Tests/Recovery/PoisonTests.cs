using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;
using static Migrator.Tests.Recovery.LostConnectionTests;

namespace Migrator.Tests.Recovery;

/// <summary>Messages and folders that break the connection each time.</summary>
public sealed class PoisonTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_the_source_cannot_send_fails_alone()
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            CutWhen = (fromServer, text) =>
                fromServer
                && text.Contains("Subject: Letter 7\r\n", StringComparison.Ordinal)
                && text.Contains("BODY[]", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        var failure = Assert.Single(report.Failures);
        Assert.Equal((Reason.SourceUnreadable.Code, 8u), (failure.Failure.Code, failure.Uid));
        Assert.Equal((RunOutcome.Partial, true), (report.Outcome, report.Total.AddsUp));
        Assert.Equal((report.Total.Found - 1, 1), (report.Total.Delivered, report.Total.Failed));
        Assert.Equal(report.Total.Delivered, (await harness.TargetContentAsync()).Count);
    }

    [Theory]
    [InlineData("Subject: Letter 7\r\n", "BODY[")]
    [InlineData("Subject: Letter 7\r\n", "BODY[HEADER.FIELDS")]
    public async Task A_message_whose_subject_the_source_cannot_send_fails_alone_too(string subject, string item)
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            CutWhen = (fromServer, text) =>
                fromServer && text.Contains(subject, StringComparison.Ordinal) && text.Contains(item, StringComparison.Ordinal),
        };
        // Only a message that failed is asked for its subject; one whose content does not come has failed already.
        var comes = item != "BODY[";
        await using var broken = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = comes ? (fromServer, text) => !fromServer && text.Contains(subject, StringComparison.Ordinal) : null,
        };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, broken.Port);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(8u, Assert.Single(report.Failures).Uid);
        Assert.Equal((RunOutcome.Partial, report.Total.Found - 1), (report.Outcome, report.Total.Delivered));
        Assert.All(report.Folders, folder => Assert.Null(folder.Failure));
    }

    [Fact]
    public async Task A_message_that_the_target_cannot_take_fails_alone()
    {
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = (fromServer, text) => !fromServer && text.Contains("Subject: Letter 7\r\n", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        var failure = Assert.Single(report.Failures);
        Assert.Equal((Reason.AppendLost.Code, 8u, "Letter 7"), (failure.Failure.Code, failure.Uid, failure.Subject));
        Assert.Equal((report.Total.Found - 1, 1), (report.Total.Delivered, report.Total.Failed));
        Assert.Equal(report.Total.Delivered, (await harness.TargetContentAsync()).Count);
    }

    [Fact]
    public async Task A_message_that_failed_and_is_there_after_all_is_counted_once_and_found_by_the_next_run()
    {
        var sent = 0;
        await using var proxy = new LoopbackProxy(servers.New.ImapPort);
        // In batches, then alone: the sixth time, the one that counts, the server gets it and its answer is lost.
        proxy.CutWhen = (fromServer, text) =>
            fromServer
                ? sent == 6 && text.Contains("APPENDUID", StringComparison.Ordinal)
                : text.Contains("Subject: Letter 7\r\n", StringComparison.Ordinal) && Interlocked.Increment(ref sent) < 6;
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        proxy.CutWhen = null;
        var next = await harness.RunAsync(Stop);

        // Two or three losses make the run cautious, by what was on its way with the message: so the sixth is the last, or the message is
        // found after it.
        Assert.InRange(report.Total.Failed, 0, 1);
        Assert.Equal((6, 61L, 0L), (sent, report.Total.Failed + report.Total.Delivered, report.Total.Remaining));
        Assert.Equal((61, 0, 61), (next.Total.Found, next.Total.Delivered, next.Total.AlreadyThere));
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task A_folder_that_ends_the_connection_each_time_does_not_keep_the_others_back()
    {
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = (fromServer, text) => !fromServer && text.Contains("SELECT INBOX", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Partial, 30, 31), (report.Outcome, report.Total.Delivered, report.Total.Remaining));
        Assert.Equal([Reason.ConnectionLost.Code, null], report.Folders.Select(folder => folder.Failure?.Code));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public async Task Verify_reads_nothing_twice_and_ends_although_a_message_breaks_the_connection(int cuts)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await ArrangeAsync(harness);
        await harness.RunAsync(Stop);
        var fetched = 0;
        await using var source = new LoopbackProxy(servers.Old.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (fromServer)
                    Interlocked.Add(ref fetched, text.Split("BODY[]").Length - 1);
            },
        };
        await using var target = new LoopbackProxy(servers.New.ImapPort);
        target.CutWhen = (fromServer, text) =>
            fromServer && target.Cuts < cuts && text.Contains("Subject: Letter 107\r\n", StringComparison.Ordinal);
        harness.Job = harness.Job with
        {
            Source = Harness.Server(source.Port, harness.SourceUser, null),
            Target = Harness.Server(target.Port, harness.TargetUser, null),
        };

        var verifying = harness.VerifyAsync(Stop, new ImmediateClock());

        if (cuts == int.MaxValue)
            Assert.Equal(
                (60, 1),
                (await verifying).Folders.Aggregate((0L, 0L), (sum, folder) => (sum.Item1 + folder.Matched, sum.Item2 + folder.Missing))
            );
        else
            Assert.True((await verifying).Identical);
        Assert.Equal(61, fetched);
    }
}
