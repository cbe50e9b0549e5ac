using Microsoft.Data.Sqlite;
using Migrator.App.Execution;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
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
    internal static Func<bool, string, bool> Nth(int n, bool fromServer, string text)
    {
        var seen = 0;
        return (direction, passing) =>
            direction == fromServer && passing.Contains(text, StringComparison.Ordinal) && Interlocked.Increment(ref seen) == n;
    }

    [Theory]
    [InlineData("UID FETCH")]
    [InlineData("EXAMINE")]
    public async Task A_source_that_falls_silent_is_given_up_and_asked_again(string command)
    {
        var silent = new TaskCompletionSource();
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            StallWhen = text => text.Contains(command, StringComparison.Ordinal) && silent.TrySetResult(),
        };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await ArrangeAsync(harness);
        var ends = harness.Ends with
        {
            OpenSource = (_, stop) =>
                new ImapConnector(harness.Job.Source, DovecotServer.Password, new SteppingClock(silent.Task)).OpenSourceAsync(stop),
        };

        var report = await harness.RunAsync(Stop, new ImmediateClock(), ends).WaitAsync(TimeSpan.FromMinutes(2), Stop);

        Assert.True(silent.Task.IsCompleted);
        await ShouldBeWholeAsync(harness, report);
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

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(1, proxy.Cuts);
        await ShouldBeWholeAsync(harness, report);
    }

    [Theory]
    [InlineData("999999999", 24 * 60)]
    [InlineData("3000000", 50)]
    public async Task A_long_pause_ends_the_run_and_a_later_one_resumes(string milliseconds, int minutes)
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort);
        var said = 0;
        proxy.FromServer = text =>
            text.Contains("OK [READ-ONLY]", StringComparison.Ordinal) && Interlocked.Increment(ref said) == 1
                ? $"* BYE Session invalidated. Backoff Time: {milliseconds}\r\n"
                : text;
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await ArrangeAsync(harness);

        var paused = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Aborted, TimeSpan.FromMinutes(minutes)), (paused.Outcome, paused.Pause));
        await ShouldBeWholeAsync(harness, await harness.RunAsync(Stop, new ImmediateClock()));
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

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(1, proxy.Cuts);
        await ShouldBeWholeAsync(harness, report);
        Assert.Equal(
            (await harness.SourceContentAsync()).Folders.Values.Sum(messages => messages.Sum(message => message.Size)),
            report.Total.DeliveredBytes
        );
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

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal(1, proxy.Cuts);
        await ShouldBeWholeAsync(harness, report);
    }

    [Fact]
    public async Task A_server_that_is_gone_for_good_ends_the_run_and_the_next_one_continues()
    {
        var gone = false;
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            CutWhen = (fromServer, text) => gone |= fromServer && text.Contains("APPENDUID", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var aborted = await harness.RunAsync(Stop, new ImmediateClock());
        proxy.CutWhen = null;
        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Aborted, aborted.Outcome);
        Assert.NotNull(aborted.Stopped);
        Assert.True(aborted.Total.AddsUp);
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task A_stopped_run_ends_soon_and_the_next_one_continues()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (fromServer && text.Contains("APPENDUID", StringComparison.Ordinal))
                    stop.Cancel();
            },
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
            Sees = (fromServer, text) =>
            {
                if (fromServer)
                    Interlocked.Add(ref read, text.Split("BODY[]").Length - 1);
            },
        };
        await using var harness = new Harness(servers.Old, servers.New, source.Port, target.Port);
        await ArrangeAsync(harness);
        await using (var imap = await harness.TargetAsync())
            await FillAsync(imap, "INBOX", 0, 30);

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((1, 30, 30), (source.Cuts, read, report.Total.AlreadyThere));
        await ShouldBeWholeAsync(harness, report);
    }

    [Fact]
    public async Task A_target_folder_that_is_recreated_while_the_connection_is_lost_is_filled_again()
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
        harness.Job = harness.Job with
        {
            Target = Harness.Server(proxy.Port, harness.TargetUser, null),
            Folders = FolderRules.All with { Exclude = ["INBOX"] },
        };

        var report = await harness.RunAsync(Stop, new ImmediateClock());
        var next = await harness.RunAsync(Stop);

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal((RunOutcome.Complete, 30), (report.Outcome, report.Total.Delivered));
        Assert.Equal((RunOutcome.Complete, 0), (next.Outcome, next.Total.Delivered));
    }

    [Fact]
    public async Task A_checkpoint_that_fails_in_the_middle_is_reported_and_the_next_run_continues()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await ArrangeAsync(harness);
        var broken = 0;
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (fromServer && text.Contains("APPENDUID", StringComparison.Ordinal) && Interlocked.Exchange(ref broken, 1) == 0)
                    Sql(harness, "ALTER TABLE message RENAME TO away");
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

    internal static async Task ArrangeAsync(Harness harness)
    {
        await using var source = await harness.SourceAsync();
        await FillAsync(source, "INBOX", 0, 30);
        await source.AppendAsync("INBOX", Letter(3));
        await source.CreateAsync("Work");
        await source.RunAsync("SUBSCRIBE Work");
        await FillAsync(source, "Work", 100, 30);
    }

    internal static async Task ShouldBeWholeAsync(Harness harness, RunReport report)
    {
        Assert.Equal((RunOutcome.Complete, 61, true), (report.Outcome, report.Total.Found, report.Total.AddsUp));
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }
}
