using Migrator.Core.Pacing;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Mail.Pacing;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Pacing;

/// <summary>What a process has stored of what it sent, should it be killed at any moment.</summary>
public sealed class KilledProcessTrafficTests(DovecotFixture servers)
{
    private const long Limit = 10_000_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20, 200_000)]
    [InlineData(300, 5000)]
    public async Task Hardly_anything_is_forgotten_and_nothing_is_counted_twice(int messages, int size)
    {
        var (traffic, sent, forgotten) = (new CountedTraffic(), 0L, 0L);
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (!fromServer)
                    forgotten = Math.Max(forgotten, Interlocked.Add(ref sent, text.Length) - traffic.Stored);
            },
        };
        await using var harness = new Harness(servers.Old, servers.New, servers.Old.ImapPort, proxy.Port);
        await using (var source = await harness.SourceAsync())
            await Letters.FillAsync(source, "INBOX", 0, messages, size);
        harness.Job = harness.Job with
        {
            Target = harness.Job.Target with { Limits = new(new() { UploadPerDay = Limit }, PaceLimits.None) },
        };
        using var pacers = new Pacers(() => traffic, TimeProvider.System);
        var target = new ImapConnector(harness.Job.Target, DovecotServer.Password, pacer: pacers.For(harness.Job.Target));

        var report = await harness.RunAsync(Stop, endpoints: harness.Ends with { OpenTarget = target.OpenTargetAsync });

        Assert.Equal((RunOutcome.Complete, messages), (report.Outcome, report.Total.Delivered));
        Assert.InRange(forgotten, 0, Limit / 100);
        Assert.InRange(traffic.Stored, sent * 99 / 100, sent * 101 / 100);
        // Not for each message.
        Assert.InRange(traffic.Times, 1, 120);
    }

    private sealed class CountedTraffic : ITrafficStore
    {
        private long _stored;

        public long Stored => Interlocked.Read(ref _stored);

        public int Times { get; private set; }

        public Task<IReadOnlyList<TrafficSlot>> ReadAsync(
            string scope,
            TransferDirection direction,
            DateTimeOffset now,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult<IReadOnlyList<TrafficSlot>>(
                direction == TransferDirection.Upload && Stored > 0 ? [new TrafficSlot(TrafficSlot.At(now), Stored)] : []
            );

        public Task AddAsync(string scope, TransferDirection direction, TrafficSlot traffic, CancellationToken cancellationToken)
        {
            Times++;
            Interlocked.Add(ref _stored, traffic.Bytes);
            return Task.CompletedTask;
        }
    }
}
