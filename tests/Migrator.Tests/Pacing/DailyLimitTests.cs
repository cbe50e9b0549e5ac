using Microsoft.Extensions.Time.Testing;
using Migrator.App.Execution;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Pacing;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Mail.Pacing;
using Migrator.Storage.Traffic;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Pacing;

/// <summary>Mailboxes that take days, because a provider lets only so much through in one. Each day is a process of its own.</summary>
public sealed class DailyLimitTests(DovecotFixture servers)
{
    private const long Limit = 2_000_000;
    private const long Provider = Limit * 10 / 9;
    private const int Messages = 120;
    private const int MessageSize = 100_000;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 4, 9, 0, 0, TimeSpan.Zero));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_that_may_send_little_a_day_is_never_locked_out_and_is_complete_when_it_was_foretold()
    {
        var day = new ProviderDay(_clock, Provider);
        await using var proxy = day.Before(servers.New.ImapPort);
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await FillAsync(harness);
        harness.Job = harness.Job with { Target = harness.Job.Target with { Limits = Account(new() { UploadPerDay = Limit }) } };
        var began = _clock.GetUtcNow();
        var toCopy = (await harness.CheckAsync(Stop)).Folders.Aggregate(default(MailAmount), (sum, folder) => sum + folder.ToCopy);
        var foretold = await Pacer(harness, harness.Job.Target)
            .ForecastAsync(TransferDirection.Upload, LimitForecast.Traffic(toCopy), Stop);
        var pauses = new List<TimeSpan>();

        RunReport report;
        while ((report = await RunAsync(harness)).Pause is { } pause)
        {
            Assert.Equal((RunOutcome.Aborted, Reason.DailyLimit.Code), (report.Outcome, report.Stopped!.Code));
            Assert.Contains("bytes were sent in the last 24 hours", report.Stopped.Detail);
            pauses.Add(pause);
            _clock.Advance(pause);
        }

        Assert.Equal((RunOutcome.Complete, Messages, true), (report.Outcome, report.Total.Found, report.Total.AddsUp));
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
        Assert.False(day.LockedOut, $"{day.Highest} bytes in one day");
        Assert.InRange(day.Highest, Limit / 2, Provider);
        Assert.InRange(pauses.Count, 5, 12);
        var (took, foreseen) = (_clock.GetUtcNow() - began, foretold!.Value - began);
        Assert.True(Math.Abs((took - foreseen) / took) < 0.1, $"took {took}, foretold were {foreseen}");
    }

    [Fact]
    public async Task Without_the_limit_the_same_account_is_locked_out()
    {
        var day = new ProviderDay(_clock, Provider);
        await using var proxy = day.Before(servers.New.ImapPort);
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await FillAsync(harness);

        await RunAsync(harness);

        Assert.True(day.LockedOut);
    }

    [Fact]
    public async Task What_the_target_may_not_receive_today_is_not_fetched_today()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await FillAsync(harness);
        harness.Job = harness.Job with { Target = harness.Job.Target with { Limits = Account(new() { UploadPerDay = Limit }) } };
        var fetched = 0L;
        var ends = Ends(harness);

        do
        {
            var report = await RunAsync(harness, ends);
            fetched += harness.Progress.Folders.Sum(folder => folder.CapturedBytes);
            if (report.Pause is not { } pause)
                break;
            _clock.Advance(pause);
        } while (true);

        Assert.InRange(fetched, Messages * MessageSize, Messages * MessageSize * 3 / 2);
    }

    [Fact]
    public async Task A_backup_of_an_account_that_gives_little_a_day_resumes_and_does_not_log_in_while_it_waits()
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort);
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await FillAsync(harness);
        await using var archive = new ArchiveHarness(new MemoryBlobStore(), new MemoryBlobStore());
        await archive.CreateAsync(Stop);
        var server = harness.Job.Source with { Limits = Account(new() { DownloadPerDay = Limit }) };
        var days = 1;

        while ((await BackUpAsync()).Pause is { } pause)
        {
            var logins = proxy.Accepted;
            Assert.Equal(pause.TotalMinutes, (await BackUpAsync()).Pause!.Value.TotalMinutes, 1);
            Assert.Equal(logins, proxy.Accepted);
            _clock.Advance(pause);
            days++;
        }

        Assert.InRange(days, 6, 12);
        Assert.Equal(Messages, (await archive.LatestAsync(server.Account, Stop)).Messages);

        Task<RunReport> BackUpAsync()
        {
            var source = new ImapConnector(server, DovecotServer.Password, pacer: Pacer(harness, server));
            return archive.BackUpAsync(server.Account, (_, stop) => source.OpenSourceAsync(stop), Stop);
        }
    }

    [Fact]
    public async Task All_accounts_of_a_host_share_its_limit_also_in_different_processes()
    {
        await using var one = new Harness(servers.Old, servers.New);
        await using var other = new Harness(servers.Old, servers.New);
        await FillAsync(one);
        await FillAsync(other);
        var limits = new MailLimits(PaceLimits.None, new() { UploadPerDay = Limit });
        foreach (var harness in new[] { one, other })
            harness.Job = harness.Job with { Target = harness.Job.Target with { Limits = limits } };

        var first = await RunAsync(one);
        var second = await RunAsync(other, Ends(other, state: one.State));

        Assert.NotNull(first.Pause);
        Assert.StartsWith("localhost: ", second.Stopped!.Detail);
        Assert.Equal((0, Reason.DailyLimit.Code), (second.Total.Delivered, second.Stopped.Code));
    }

    private static MailLimits Account(PaceLimits limits) => new(limits, PaceLimits.None);

    private Task<RunReport> RunAsync(Harness harness, MailboxEndpoints? ends = null) =>
        harness.RunAsync(Stop, endpoints: ends ?? Ends(harness));

    /// <summary>Of a process that has just started.</summary>
    private Pacer Pacer(Harness harness, MailServer server, string? state = null) =>
        new Pacers(() => TrafficStore.Create(null, Path.Combine(state ?? harness.State, "traffic.db")), _clock).For(server);

    private MailboxEndpoints Ends(Harness harness, string? state = null)
    {
        var (source, target) = (
            new ImapConnector(harness.Job.Source, DovecotServer.Password, pacer: Pacer(harness, harness.Job.Source, state)),
            new ImapConnector(harness.Job.Target, DovecotServer.Password, pacer: Pacer(harness, harness.Job.Target, state))
        );
        return new((_, stop) => source.OpenSourceAsync(stop), target.OpenTargetAsync);
    }

    private static async Task FillAsync(Harness harness)
    {
        await using var source = await harness.SourceAsync();
        await source.CreateAsync("Work");
        await Letters.FillAsync(source, "INBOX", 0, Messages / 2, MessageSize);
        await Letters.FillAsync(source, "Work", Messages / 2, Messages / 2, MessageSize);
    }
}
