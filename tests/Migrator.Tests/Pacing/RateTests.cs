using System.Diagnostics;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Pacing;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Mail.Pacing;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Pacing;

/// <summary>Limits a second. What is asserted is that they hold: a slow machine only takes longer.</summary>
public sealed class RateTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_more_bytes_pass_than_a_second_allows()
    {
        const int rate = 200_000;
        var passed = 0L;
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort) { Sees = (_, text) => Interlocked.Add(ref passed, text.Length) };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await using (var source = await harness.SourceAsync())
            await Letters.FillAsync(source, "INBOX", 0, 10, 60_000);
        var began = Stopwatch.StartNew();

        var report = await RunAsync(harness, new() { BytesPerSecond = rate }, PaceLimits.None);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.InRange(passed, 600_000, (long)(rate * (began.Elapsed.TotalSeconds + 1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_more_messages_pass_than_a_second_allows(bool ofSource)
    {
        const int rate = 20;
        const int messages = 60;
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await Letters.FillAsync(source, "INBOX", 0, messages);
        var (limits, began) = (new PaceLimits { MessagesPerSecond = rate }, Stopwatch.StartNew());

        var report = await RunAsync(harness, ofSource ? limits : PaceLimits.None, ofSource ? PaceLimits.None : limits);

        Assert.Equal((RunOutcome.Complete, messages), (report.Outcome, report.Total.Delivered));
        Assert.InRange(messages, 0, rate * (began.Elapsed.TotalSeconds + 1));
    }

    [Fact]
    public async Task Workers_divide_the_limit_of_a_host_and_not_that_of_an_account()
    {
        const int rate = 10;
        using var pacers = new Pacers(() => throw new NotSupportedException(), TimeProvider.System) { Workers = 5 };
        var limits = new PaceLimits { MessagesPerSecond = rate };
        var server = Harness.Server(1, "ann", null);

        var (host, account) = (
            await TakeAsync(pacers.For(server with { Limits = new MailLimits(PaceLimits.None, limits) })),
            await TakeAsync(pacers.For(server with { Limits = new MailLimits(limits, PaceLimits.None) }))
        );

        // Two at once, then two a second, for twelve; ten at once, then ten a second.
        Assert.True(host > TimeSpan.FromSeconds(4), $"{host}");
        Assert.True(account > TimeSpan.FromSeconds(0.1), $"{account}");

        static async Task<TimeSpan> TakeAsync(Pacer pacer)
        {
            var began = Stopwatch.StartNew();
            await pacer.AdmitAsync(TransferDirection.Upload, rate + 2, 0, Stop);
            return began.Elapsed;
        }
    }

    private static async Task<RunReport> RunAsync(Harness harness, PaceLimits source, PaceLimits target)
    {
        using var pacers = new Pacers(() => throw new NotSupportedException(), TimeProvider.System);
        return await RunAsync(harness, Connector(harness.Job.Source, source), Connector(harness.Job.Target, target));

        ImapConnector Connector(MailServer server, PaceLimits limits) =>
            new(server, DovecotServer.Password, pacer: pacers.For(server with { Limits = new MailLimits(limits, PaceLimits.None) }));
    }

    private static Task<RunReport> RunAsync(Harness harness, ImapConnector source, ImapConnector target) =>
        harness.RunAsync(Stop, endpoints: new((_, stop) => source.OpenSourceAsync(stop), target.OpenTargetAsync));
}
