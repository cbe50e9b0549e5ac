using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Migrator.Core.Files;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>What is created is for the current user alone; what is there already is tightened, and nothing else.</summary>
public sealed class PrivateFilesTests : IDisposable
{
    private const UnixFileMode Wide = (UnixFileMode)0b110_100_100,
        WideDirectory = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        PrivateDirectory = Private | UnixFileMode.UserExecute;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("private");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_temporary_file_has_no_name_to_be_found_by()
    {
        using var file = PrivateFiles.CreateTemporary(PathOf("spool"));
        file.WriteByte(7);

        Assert.Equal(Private, File.GetUnixFileMode(file.SafeFileHandle));
        Assert.Equal(PrivateDirectory, File.GetUnixFileMode(PathOf("spool")));
        Assert.Empty(Directory.GetFileSystemEntries(PathOf("spool")));
    }

    [Fact]
    public void A_database_that_is_open_keeps_its_locks()
    {
        PrivateFiles.Reserve(PathOf("state.db"));
        using var connection = new SqliteConnection($"Data Source={PathOf("state.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE t (x); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)";
        command.ExecuteNonQuery();
        File.SetUnixFileMode(PathOf("state.db"), Wide);
        var inode = Inode(PathOf("state.db"));
        var locks = Locks(inode);

        PrivateFiles.Reserve(PathOf("state.db"));

        Assert.Equal(Private, File.GetUnixFileMode(PathOf("state.db")));
        Assert.NotEmpty(locks);
        Assert.Equal(locks, Locks(inode));
    }

    [Theory]
    [InlineData(OddFile.Pipe)]
    [InlineData(OddFile.Zeros)]
    [InlineData(OddFile.Folder)]
    public void A_database_or_lock_that_is_no_file_is_refused(string kind)
    {
        OddFile.Make(kind, PathOf("odd"));

        Assert.Contains(OddFile.Words(kind), Assert.Throws<IOException>(() => PrivateFiles.Reserve(PathOf("odd"))).Message);
        Assert.Contains(
            OddFile.Words(kind),
            Assert.Throws<IOException>(() => PrivateFiles.OpenOrCreate(PathOf("odd"), FileAccess.Write, FileShare.None)).Message
        );
    }

    [Fact]
    public void What_is_there_is_tightened_without_following_links_and_without_what_is_not_ours()
    {
        var root = Make("state", true);
        var (outside, ours, theirs) = (
            Make("outside", false),
            Make("state/reports/deep/report.json", false),
            Make("state/theirs.txt", false)
        );
        Make("state/service.lock", false);
        File.CreateSymbolicLink(PathOf("state/reports/link"), outside);
        File.CreateSymbolicLink(PathOf("state/job-runs.db"), outside);
        bool IsOurs(string name) => name is "reports" or "service.lock" or "job-runs.db";

        Assert.Equal(4, PrivateRights.Tighten(root, IsOurs, withDirectory: true));

        Assert.Equal(Private, File.GetUnixFileMode(ours));
        Assert.Equal(Private, File.GetUnixFileMode(PathOf("state/service.lock")));
        Assert.Equal(PrivateDirectory, File.GetUnixFileMode(PathOf("state/reports/deep")));
        Assert.All([outside, theirs], file => Assert.Equal(Wide, File.GetUnixFileMode(file)));
        Assert.Equal(WideDirectory, File.GetUnixFileMode(root));
        Assert.Equal(0, PrivateRights.Tighten(root, IsOurs, withDirectory: true));

        File.Delete(theirs);
        Assert.Equal(1, PrivateRights.Tighten(root, IsOurs, withDirectory: true));
        Assert.Equal(PrivateDirectory, File.GetUnixFileMode(root));
    }

    /// <summary>Of one file: this process holds locks of other tests too, and they come and go.</summary>
    private static List<string> Locks(string inode) =>
        [
            .. File.ReadLines("/proc/locks")
                .Where(line => line.Contains(" POSIX ", StringComparison.Ordinal) && line.Contains($":{inode} ", StringComparison.Ordinal))
                .Select(line => line[(line.IndexOf(':') + 1)..]),
        ];

    // Not by opening the file: to close it again would end the locks of this process.
    private static string Inode(string file)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["--format=%i", file]) { RedirectStandardOutput = true })!;
        return stat.StandardOutput.ReadToEnd().Trim();
    }

    /// <summary>With rights for everybody to read, as under the usual umask.</summary>
    private string Make(string name, bool isDirectory)
    {
        var path = PathOf(name);
        for (
            var parent = isDirectory ? path : Path.GetDirectoryName(path)!;
            parent.Length > _directory.FullName.Length;
            parent = Path.GetDirectoryName(parent)!
        )
        {
            Directory.CreateDirectory(parent);
            File.SetUnixFileMode(parent, WideDirectory);
        }
        if (isDirectory)
            return path;
        File.WriteAllText(path, "x");
        File.SetUnixFileMode(path, Wide);
        return path;
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);
}
