using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>How many connections a run opens.</summary>
public sealed class ConnectionCountTests
{
    private const int Folders = 12;

    [Theory]
    [InlineData(0, 3)]
    [InlineData(19, 3)]
    [InlineData(25, 4)]
    [InlineData(50, 5)]
    [InlineData(800, 5)]
    public async Task It_depends_on_the_round_trip_where_the_job_leaves_it_open(int milliseconds, int connections)
    {
        var opened = await OpenedAsync(milliseconds, null);

        Assert.Equal(await OpenedAsync(milliseconds, connections), opened);
        Assert.NotEqual(await OpenedAsync(milliseconds, connections + 1), opened);
    }

    /// <returns>Sessions that were opened; each stage of a run opens those that it needs.</returns>
    private static async Task<int> OpenedAsync(int roundTrip, int? connections)
    {
        var mailbox = new MemoryMailSource { RoundTrip = TimeSpan.FromMilliseconds(roundTrip) };
        for (var number = 0; number < Folders; number++)
            mailbox.Add($"Folder {number}").Add([(byte)number]);
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var opened = 0;

        var report = await archive.BackUpAsync(
            () =>
            {
                Interlocked.Increment(ref opened);
                return mailbox.Session();
            },
            connections: connections
        );

        Assert.Equal((RunOutcome.Complete, Folders), (report.Outcome, (int)report.Total.Delivered));
        return opened;
    }
}
