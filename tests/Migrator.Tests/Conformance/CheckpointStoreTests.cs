using Migrator.Core.Checkpoints;
using Migrator.Storage.Checkpoints.Postgres;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Storage.Postgres;
using Migrator.Tests.Memory;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Conformance;

public sealed class SqliteCheckpointStoreTests : CheckpointStoreConformance
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("state");

    protected override Task<ICheckpointStore> OpenStoreAsync() =>
        Task.FromResult<ICheckpointStore>(new SqliteCheckpointStore(Path.Combine(_directory.FullName, "checkpoints.db")));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}

public sealed class MemoryCheckpointStoreTests : CheckpointStoreConformance
{
    private readonly MemoryCheckpointStore _store = new();

    protected override Task<ICheckpointStore> OpenStoreAsync() => Task.FromResult<ICheckpointStore>(_store);
}

public sealed class PostgresCheckpointStoreTests(PostgresFixture postgres) : CheckpointStoreConformance
{
    private PostgresDatabase? _database;

    protected override async Task<ICheckpointStore> OpenStoreAsync() =>
        new PostgresCheckpointStore(
            _database ??= new PostgresDatabase(await (await postgres.StartedAsync()).CreateDatabaseAsync()),
            PostgresCheckpointStore.DefaultLease,
            "a test",
            TimeProvider.System
        );

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }
}
