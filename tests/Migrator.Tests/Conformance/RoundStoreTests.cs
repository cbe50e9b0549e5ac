using Migrator.Core.Rounds;
using Migrator.Storage.Postgres;
using Migrator.Storage.Rounds;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Conformance;

public sealed class SqliteRoundStoreTests : RoundStoreConformance
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rounds").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    protected override Task<IRoundStore> OpenAsync() => Task.FromResult<IRoundStore>(RoundStore.Sqlite(Path.Combine(_directory, "rounds.db"), Time));
}

public sealed class PostgresRoundStoreTests(PostgresFixture postgres) : RoundStoreConformance
{
    private string? _database;

    protected override async Task<IRoundStore> OpenAsync() => RoundStore.Postgres(new PostgresDatabase(_database ??= await (await postgres.StartedAsync()).CreateDatabaseAsync()), true, Time);
}
