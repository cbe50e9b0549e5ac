using Migrator.Core.Rounds;
using Migrator.Storage.Rounds;

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
