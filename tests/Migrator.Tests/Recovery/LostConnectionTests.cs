using Microsoft.Data.Sqlite;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Runs;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Recovery;

/// <summary>Connections that break in the middle of a run, and messages that break them.</summary>
public sealed class LostConnectionTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Cuts the n-th time that a text passes.</summary>
    private static Func<bool, string, bool> Nth(int n, bool fromServer, string text)
    {
        var seen = 0;
        return (direction, passing) => direction == fromServer && passing.Contains(text, StringComparison.Ordinal) && Interlocked.Increment(ref seen) == n;
    }

    [Theory]
    [InlineData(1, true, "BODY[]")]
    [InlineData(2, true, "BODY[]")]
    [InlineData(1, true, "OK [READ-ONLY]")]
    [InlineData(1, false, "UID SEARCH")]
    [InlineData(2, false, "EXAMINE")]
    public async Task A_source_that_is_lost_once_is_taken_up_again(int time, bool fromServer, string at)
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort) { CutWhen = Nth(time, fromServer, at) };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImpatientTime());

        Assert.Equal(1, proxy.Cuts);
        await ShouldBeWholeAsync(harness, report);
    }

    [Fact]
    public async Task A_pause_that_nobody_would_wait_for_is_shortened()
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort);
        var said = 0;
        proxy.FromServer = text => text.Contains("OK [READ-ONLY]", StringComparison.Ordinal) && Interlocked.Increment(ref said) == 1 ? "* BYE Session invalidated. Backoff Time: 999999999\r\n" : text;
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImpatientTime());

        Assert.Contains(report.Notices, notice => notice.EndsWith("Trying again in 600 s.", StringComparison.Ordinal));
        await ShouldBeWholeAsync(harness, report);
    }

    [Theory]
    [InlineData(1, false, "APPEND")]
    [InlineData(2, false, "APPEND")]
    [InlineData(1, true, "APPENDUID")]
    [InlineData(2, true, "APPENDUID")]
    [InlineData(1, false, "CREATE")]
    [InlineData(1, true, "ubscribe completed")]
    [InlineData(1, false, "UID FETCH")]
    public async Task A_target_that_is_lost_once_gets_nothing_twice(int time, bool fromServer, string at)
    {
        await using var proxy = new LoopbackProxy(servers.New.ImapPort) { CutWhen = Nth(time, fromServer, at) };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImpatientTime());

        Assert.Equal(1, proxy.Cuts);
        await ShouldBeWholeAsync(harness, report);
        Assert.Equal((await harness.SourceContentAsync()).Folders.Values.Sum(messages => messages.Sum(message => message.Size)), report.Total.DeliveredOctets);
    }

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

        var report = await harness.RunAsync(Stop, new ImpatientTime());

        Assert.Equal(1, proxy.Cuts);
        await ShouldBeWholeAsync(harness, report);
    }

    [Fact]
    public async Task A_pipeline_that_takes_nothing_more_is_given_up()
    {
        var stalled = new TaskCompletionSource();
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["MULTIAPPEND"]));
        await using var proxy = new LoopbackProxy(target.ImapPort) { StallWhen = text => text.Contains("P1 APPEND", StringComparison.Ordinal) && stalled.TrySetResult() };
        await using var harness = new Harness(servers.Old, target, servers.Old.ImapPort, proxy.Port);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 10, size: 390_000);
        var ends = harness.Ends with { OpenTarget = new ImapConnector(harness.Job.Target, DovecotServer.Password, new PatientTime(stalled.Task)).OpenTargetAsync };

        var report = await harness.RunAsync(Stop, new ImpatientTime(), ends);

        Assert.True(stalled.Task.IsCompleted);
        Assert.Equal((RunOutcome.Complete, 10), (report.Outcome, report.Total.Found));
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    /// <summary>Every wait is over when something has happened, and never before.</summary>
    private sealed class PatientTime(Task happened) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
            _ = happened.ContinueWith(_ => timer.Change(TimeSpan.FromMilliseconds(500), period), TaskScheduler.Default);
            return timer;
        }
    }

    [Theory]
    [InlineData(false, "UID STORE")]
    [InlineData(true, "Store completed")]
    public async Task Flags_are_carried_over_although_the_target_is_lost_meanwhile(bool fromServer, string at)
    {
        await using var proxy = new LoopbackProxy(servers.New.ImapPort);
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);
        await harness.RunAsync(Stop);
        await using (var source = await harness.SourceAsync())
            await source.StoreAsync("INBOX", "1:10", "+FLAGS (\\Flagged)");
        proxy.CutWhen = Nth(1, fromServer, at);

        var report = await harness.RunAsync(Stop, new ImpatientTime());

        Assert.Equal(1, proxy.Cuts);
        await ShouldBeWholeAsync(harness, report);
    }

    [Fact]
    public async Task A_message_that_the_source_cannot_send_fails_alone()
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort) { CutWhen = (fromServer, text) => fromServer && text.Contains("Subject: Letter 7\r\n", StringComparison.Ordinal) && text.Contains("BODY[]", StringComparison.Ordinal) };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImpatientTime());

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
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort) { CutWhen = (fromServer, text) => fromServer && text.Contains(subject, StringComparison.Ordinal) && text.Contains(item, StringComparison.Ordinal) };
        await using var broken = new LoopbackProxy(servers.New.ImapPort) { CutWhen = (fromServer, text) => !fromServer && text.Contains(subject, StringComparison.Ordinal) };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, broken.Port);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImpatientTime());

        Assert.Equal(8u, Assert.Single(report.Failures).Uid);
        Assert.Equal((RunOutcome.Partial, report.Total.Found - 1), (report.Outcome, report.Total.Delivered));
        Assert.All(report.Folders, folder => Assert.Null(folder.Failure));
    }

    [Fact]
    public async Task A_message_that_the_target_cannot_take_fails_alone()
    {
        await using var proxy = new LoopbackProxy(servers.New.ImapPort) { CutWhen = (fromServer, text) => !fromServer && text.Contains("Subject: Letter 7\r\n", StringComparison.Ordinal) };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImpatientTime());

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
        proxy.CutWhen = (fromServer, text) => fromServer
            ? sent == 6 && text.Contains("APPENDUID", StringComparison.Ordinal)
            : text.Contains("Subject: Letter 7\r\n", StringComparison.Ordinal) && Interlocked.Increment(ref sent) < 6;
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop, new ImpatientTime());
        proxy.CutWhen = (_, _) => false;
        var next = await harness.RunAsync(Stop);

        Assert.Equal((6, 1, 0), (sent, report.Total.Failed, report.Total.Remaining));
        Assert.Equal((61, 0, 61), (next.Total.Found, next.Total.Delivered, next.Total.AlreadyThere));
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task A_server_that_is_gone_for_good_ends_the_run_and_the_next_one_goes_on()
    {
        var gone = false;
        await using var proxy = new LoopbackProxy(servers.New.ImapPort) { CutWhen = (fromServer, text) => gone |= fromServer && text.Contains("APPENDUID", StringComparison.Ordinal) };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var aborted = await harness.RunAsync(Stop, new ImpatientTime());
        proxy.CutWhen = (_, _) => false;
        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Aborted, aborted.Outcome);
        Assert.NotNull(aborted.Stopped);
        Assert.True(aborted.Total.AddsUp);
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task A_stopped_run_ends_soon_and_the_next_one_goes_on()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = (fromServer, text) =>
        {
            if (fromServer && text.Contains("APPENDUID", StringComparison.Ordinal))
                stop.Cancel();
            return false;
        }
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var interrupted = await harness.RunAsync(stop.Token);
        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Interrupted, true), (interrupted.Outcome, interrupted.Total.AddsUp));
        await ShouldBeWholeAsync(harness, report);
    }

    [Fact]
    public async Task What_was_read_at_the_target_is_not_read_again()
    {
        var read = 0;
        await using var source = new LoopbackProxy(servers.Old.ImapPort) { CutWhen = Nth(1, true, "BODY[]") };
        await using var target = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = (fromServer, text) =>
            {
                if (fromServer)
                    Interlocked.Add(ref read, text.Split("BODY[]").Length - 1);
                return false;
            },
        };
        await using var harness = new Harness(servers.Old, servers.New, source.Port, target.Port);
        await ArrangeAsync(harness);
        await using (var imap = await harness.TargetAsync())
            await FillAsync(imap, "INBOX", 0, 30);

        var report = await harness.RunAsync(Stop, new ImpatientTime());

        Assert.Equal((1, 30, 30), (source.Cuts, read, report.Total.AlreadyThere));
        await ShouldBeWholeAsync(harness, report);
    }

    [Fact]
    public async Task A_target_folder_that_is_recreated_while_the_connection_is_lost_is_not_taken_for_full()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await ArrangeAsync(harness);
        await using var other = await harness.TargetAsync();
        var looked = 0;
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = (fromServer, text) =>
            {
                if (fromServer || !text.Contains("UID FETCH", StringComparison.Ordinal) || Interlocked.Increment(ref looked) != 1)
                    return false;
                other.RunAsync("DELETE Work").GetAwaiter().GetResult();
                other.RunAsync("CREATE Work").GetAwaiter().GetResult();
                return true;
            },
        };
        harness.Job = harness.Job with { Target = Harness.Server(proxy.Port, harness.TargetUser, null), Folders = FolderRules.All with { Exclude = ["INBOX"] } };

        var report = await harness.RunAsync(Stop, new ImpatientTime());
        var next = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, Reason.FolderMissing.Code), (report.Outcome, report.Folders[0].Failure?.Code));
        Assert.Equal((RunOutcome.Complete, 30), (next.Outcome, next.Total.Delivered));
    }

    [Fact]
    public async Task A_folder_that_ends_the_connection_each_time_does_not_keep_the_others_back()
    {
        await using var proxy = new LoopbackProxy(servers.New.ImapPort) { CutWhen = (fromServer, text) => fromServer && text.Contains("BODY[]", StringComparison.Ordinal) };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);
        await using (var target = await harness.TargetAsync())
            await FillAsync(target, "INBOX", 5, 1);

        var report = await harness.RunAsync(Stop, new ImpatientTime());

        Assert.Equal((RunOutcome.Partial, 30, 31), (report.Outcome, report.Total.Delivered, report.Total.Remaining));
        Assert.Equal([Reason.ConnectionLost.Code, null], report.Folders.Select(folder => folder.Failure?.Code));
    }

    [Fact]
    public async Task A_checkpoint_that_fails_in_the_middle_is_reported_and_the_next_run_goes_on()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await ArrangeAsync(harness);
        var broken = 0;
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = (fromServer, text) =>
            {
                if (fromServer && text.Contains("APPENDUID", StringComparison.Ordinal) && Interlocked.Exchange(ref broken, 1) == 0)
                    Sql(harness, "ALTER TABLE message RENAME TO away");
                return false;
            },
        };
        harness.Job = harness.Job with { Target = Harness.Server(proxy.Port, harness.TargetUser, null) };

        var report = await harness.RunAsync(Stop);
        Sql(harness, "ALTER TABLE away RENAME TO message");
        var next = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Aborted, Reason.CheckpointFailed.Code, true), (report.Outcome, report.Stopped?.Code, report.Total.AddsUp));
        await ShouldBeWholeAsync(harness, next);

        static void Sql(Harness harness, string sql)
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(harness.State, "checkpoints.db")};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
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
            CutWhen = (fromServer, text) =>
            {
                if (fromServer)
                    Interlocked.Add(ref fetched, text.Split("BODY[]").Length - 1);
                return false;
            },
        };
        await using var target = new LoopbackProxy(servers.New.ImapPort);
        target.CutWhen = (fromServer, text) => fromServer && target.Cuts < cuts && text.Contains("Subject: Letter 107\r\n", StringComparison.Ordinal);
        harness.Job = harness.Job with { Source = Harness.Server(source.Port, harness.SourceUser, null), Target = Harness.Server(target.Port, harness.TargetUser, null) };

        var verifying = harness.VerifyAsync(Stop, new ImpatientTime());

        if (cuts == int.MaxValue)
            Assert.Equal(Reason.ConnectionLost, (await Assert.ThrowsAsync<MailException>(() => verifying)).Reason);
        else
            Assert.True((await verifying).Identical);
        Assert.Equal(61, fetched);
    }

    private static async Task ArrangeAsync(Harness harness)
    {
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 30);
        await source.AppendAsync("INBOX", Letter(3));
        await source.CreateAsync("Work");
        await source.RunAsync("SUBSCRIBE Work");
        await FillAsync(source, "Work", 100, 30);
    }

    private static async Task ShouldBeWholeAsync(Harness harness, RunReport report)
    {
        Assert.Equal((RunOutcome.Complete, 61, true), (report.Outcome, report.Total.Found, report.Total.AddsUp));
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }
}
