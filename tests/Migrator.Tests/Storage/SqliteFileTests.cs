using Microsoft.Data.Sqlite;
using Migrator.Core.Checkpoints;
using Migrator.Storage.Checkpoints.Sqlite;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>What is particular to the SQLite file.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private static readonly MailboxPair s_pair = new("a", "b");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("state");

    private string File => Path.Combine(_directory.FullName, "below", "checkpoints.db");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task It_is_made_for_this_user_alone_with_WAL_and_full_sync()
    {
        await using (await new SqliteCheckpointStore(File).OpenAsync(s_pair, Stop))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
            Assert.True(System.IO.File.Exists(File + "-wal"));
        }
        Assert.Equal("wal", Scalar("PRAGMA journal_mode"));
        Assert.Equal(7L, Scalar("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_file_of_a_later_version_is_refused_and_left_alone()
    {
        await using (await new SqliteCheckpointStore(File).OpenAsync(s_pair, Stop)) { }
        Scalar("PRAGMA user_version = 99");

        var exception = await Assert.ThrowsAsync<CheckpointException>(() => new SqliteCheckpointStore(File).OpenAsync(s_pair, Stop));

        Assert.Contains("later version", exception.Message);
        Assert.Equal(99L, Scalar("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_file_that_is_none_of_ours_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5000), Stop);

        var exception = await Assert.ThrowsAsync<CheckpointException>(() => new SqliteCheckpointStore(File).OpenAsync(s_pair, Stop));

        Assert.Contains("not a Migrator database", exception.Message);
        Assert.Equal(new string('x', 5000), await System.IO.File.ReadAllTextAsync(File, Stop));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_named()
    {
        await System.IO.File.WriteAllTextAsync(Path.GetDirectoryName(File)!, "a file where the directory should be", Stop);

        var exception = await Assert.ThrowsAsync<CheckpointException>(() => new SqliteCheckpointStore(File).OpenAsync(s_pair, Stop));

        Assert.Contains("--state", exception.Message);
    }

    [Fact]
    public async Task A_failed_open_lets_go_of_the_mailbox()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5000), Stop);
        await Assert.ThrowsAsync<CheckpointException>(() => new SqliteCheckpointStore(File).OpenAsync(s_pair, Stop));
        System.IO.File.Delete(File);

        await using var mailbox = await new SqliteCheckpointStore(File).OpenAsync(s_pair, Stop);

        Assert.Empty(await mailbox.FoldersAsync(Stop));
    }

    private object? Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
