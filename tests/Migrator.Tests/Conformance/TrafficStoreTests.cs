using Migrator.Core.Pacing;
using Migrator.Storage.Postgres;
using Migrator.Storage.Traffic;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance;

/// <summary>What every store of daily traffic promises.</summary>
public abstract class TrafficStoreConformance
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 4, 12, 5, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected abstract Task<ITrafficStore> OpenAsync();

    [Fact]
    public async Task Workers_add_to_the_same_slots_and_read_what_others_added()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(number => (number % 2 == 0 ? one : other).AddAsync("ann", TransferDirection.Upload, Slot(0, 10), Stop))
        );
        await one.AddAsync("ann", TransferDirection.Download, Slot(0, 7), Stop);
        await one.AddAsync("bob", TransferDirection.Upload, Slot(0, 5), Stop);

        Assert.Equal([Slot(0, 200)], await other.ReadAsync("ann", TransferDirection.Upload, s_now, Stop));
        Assert.Equal([Slot(0, 7)], await other.ReadAsync("ann", TransferDirection.Download, s_now, Stop));
    }

    [Fact]
    public async Task What_is_older_than_a_day_does_not_count_and_is_removed()
    {
        var store = await OpenAsync();
        foreach (var hours in new[] { -60, -25, -23, 0 })
            await store.AddAsync("ann", TransferDirection.Upload, Slot(hours, 1), Stop);

        Assert.Equal([Slot(-23, 1), Slot(0, 1)], await store.ReadAsync("ann", TransferDirection.Upload, s_now, Stop));
        Assert.Equal(
            [Slot(-25, 1), Slot(-23, 1), Slot(0, 1)],
            await store.ReadAsync("ann", TransferDirection.Upload, s_now.AddDays(-3), Stop)
        );
    }

    private static TrafficSlot Slot(int hours, long bytes) => new(TrafficSlot.At(s_now.AddHours(hours)), bytes);
}

public sealed class SqliteTrafficStoreTests : TrafficStoreConformance, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("state");

    public void Dispose() => _directory.Delete(recursive: true);

    protected override Task<ITrafficStore> OpenAsync() =>
        Task.FromResult(TrafficStore.Create(null, Path.Combine(_directory.FullName, "traffic.db")));
}

public sealed class PostgresTrafficStoreTests(PostgresFixture postgres) : TrafficStoreConformance, IAsyncDisposable
{
    private PostgresDatabase? _database;

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    protected override async Task<ITrafficStore> OpenAsync() =>
        TrafficStore.Create(_database ??= new PostgresDatabase(await (await postgres.StartedAsync()).CreateDatabaseAsync()), "");
}
