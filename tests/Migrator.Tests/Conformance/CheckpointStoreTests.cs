using Migrator.Core.Checkpoints;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Conformance;

public sealed class SqliteCheckpointStoreTests : CheckpointStoreConformance
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("state");

    protected override Task<ICheckpointStore> OpenStoreAsync() => Task.FromResult<ICheckpointStore>(new SqliteCheckpointStore(Path.Combine(_directory.FullName, "checkpoints.db")));

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
