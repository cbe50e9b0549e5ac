using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Failures;
using Migrator.Storage.Blobs.Files;
using Migrator.Tests.Files;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>What blobs are on a disk.</summary>
public sealed class FileBlobStoreFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("blobs");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly string _root;
    private readonly FileBlobStore _store;

    public FileBlobStoreFileTests()
    {
        _root = Path.Combine(_directory.FullName, "archive");
        _store = new FileBlobStore(_root, _time);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string[] Drafts => Directory.Exists(Path.Combine(_root, ".drafts")) ? Directory.GetFiles(Path.Combine(_root, ".drafts")) : [];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_blob_is_a_file_of_its_name_that_only_its_owner_may_read()
    {
        await PutAsync("packs/00/one", 3);
        await _store.ReplaceAsync("notes/lease", new byte[3], Stop);

        foreach (var name in new[] { "packs/00/one", "notes/lease" })
        {
            Assert.Equal(new byte[3], await File.ReadAllBytesAsync(Path.Combine(_root, name), Stop));
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(_root, name)));
        }
        foreach (var directory in new[] { "", ".drafts", "packs", "packs/00", "notes" })
            Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_root, directory)));
        Assert.Empty(Drafts);
    }

    [Theory]
    [InlineData(OddFile.Pipe)]
    [InlineData(OddFile.Zeros)]
    public async Task A_blob_that_is_no_file_is_refused_and_not_waited_for(string kind)
    {
        await PutAsync("packs/00/one", 3);
        OddFile.Make(kind, Path.Combine(_root, "packs", "00", "two"));

        var exception = await Assert.ThrowsAsync<StorageException>(() =>
            _store.OpenAsync("packs/00/two", 0, 3, Stop).WaitAsync(TimeSpan.FromMinutes(2), Stop)
        );

        Assert.Contains(OddFile.Words(kind), exception.Message);
    }

    [Fact]
    public async Task Looking_at_a_store_makes_nothing()
    {
        Assert.Empty(await _store.ListAsync("", Stop).ToListAsync(Stop));
        Assert.Null(await _store.FindAsync("a", Stop));
        await _store.DeleteAsync("a", Stop);

        Assert.False(Directory.Exists(_root));
    }

    [Fact]
    public async Task Drafts_of_crashed_processes_are_removed_after_a_day_those_in_progress_are_not()
    {
        await using var underWay = await _store.DraftAsync(Stop);
        var crashed = Path.Combine(_root, ".drafts", "crashed");
        await File.WriteAllBytesAsync(crashed, new byte[10], Stop);

        _time.Advance(TimeSpan.FromHours(23));
        await using (var draft = await _store.DraftAsync(Stop))
            Assert.Contains(crashed, Drafts);
        _time.Advance(TimeSpan.FromHours(2));
        await using (var draft = await _store.DraftAsync(Stop))
            Assert.DoesNotContain(crashed, Drafts);

        await underWay.Content.WriteAsync(new byte[7], Stop);
        Assert.True(await underWay.CommitAsync("late", Stop));
        Assert.Equal(7, (await _store.FindAsync("late", Stop))!.Size);
    }

    [Fact]
    public async Task Neither_a_second_commit_nor_a_failed_one_leaves_a_draft()
    {
        await PutAsync("a/b", 3);
        Assert.False(await PutAsync("a/b", 4));
        await Assert.ThrowsAsync<StorageException>(() => PutAsync("a/b/c", 3));

        Assert.Empty(Drafts);
    }

    [Fact]
    public async Task A_blob_cannot_take_the_name_of_a_folder()
    {
        await PutAsync("a/b", 3);

        var exception = await Assert.ThrowsAsync<StorageException>(() => PutAsync("a", 3));

        Assert.Equal(Reason.AccessDenied, exception.Reason);
        Assert.Empty(Drafts);
    }

    [Fact]
    public async Task Modified_is_the_commit_however_long_ago_the_Bytes_were_written()
    {
        await using var draft = await _store.DraftAsync(Stop);
        await draft.Content.WriteAsync(new byte[1 << 20], Stop);
        File.SetLastWriteTimeUtc(Assert.Single(Drafts), DateTime.UtcNow.AddHours(-5));

        Assert.True(await draft.CommitAsync("a", Stop));

        Assert.True((await _store.FindAsync("a", Stop))!.Modified > DateTimeOffset.UtcNow.AddHours(-1));
    }

    [Fact]
    public async Task What_else_lies_in_the_folder_is_no_blob()
    {
        await PutAsync("a/b", 3);
        foreach (var other in new[] { "README.TXT", ".hidden", "a/.hidden", "a/Über" })
            await File.WriteAllTextAsync(Path.Combine(_root, other), "x", Stop);
        Directory.CreateDirectory(Path.Combine(_root, "lost+found"));

        Assert.Equal("a/b", Assert.Single(await _store.ListAsync("", Stop).ToListAsync(Stop)).Name);
    }

    [Fact]
    public async Task A_folder_that_is_not_one_is_said_to_be_unusable()
    {
        await File.WriteAllTextAsync(_root, "a file", Stop);

        Assert.Equal(Reason.StoreUnreachable, (await Assert.ThrowsAsync<StorageException>(() => PutAsync("a", 1))).Reason);
    }

    [Fact]
    public async Task A_folder_without_rights_is_refused_and_does_not_look_empty()
    {
        Assert.SkipWhen(Environment.UserName == "root", "Root may do everything.");
        await PutAsync("a/b", 3);
        File.SetUnixFileMode(_root, UnixFileMode.None);
        try
        {
            Func<Task>[] calls =
            [
                () => PutAsync("c", 1),
                () => _store.FindAsync("a/b", Stop),
                () => _store.ListAsync("", Stop).ToListAsync(Stop).AsTask(),
                () => _store.OpenAsync("a/b", 0, 1, Stop),
                () => _store.ReplaceAsync("a/b", new byte[1], Stop),
                () => _store.DeleteAsync("a/b", Stop),
            ];
            foreach (var call in calls)
                Assert.Equal(Reason.AccessDenied, (await Assert.ThrowsAsync<StorageException>(call)).Reason);
        }
        finally
        {
            File.SetUnixFileMode(_root, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_full_disk_is_said_to_be_full_and_what_did_not_fit_takes_no_room()
    {
        Directory.CreateDirectory(_root);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _root), "A small disk can be mounted by root only.");
        try
        {
            // More than is buffered, so that it fails while it is written; less, so that it fails at the commit.
            foreach (var size in new[] { 1 << 20, 100_000 })
                Assert.Equal(Reason.StoreFull, (await Assert.ThrowsAsync<StorageException>(() => PutAsync("a/b", size))).Reason);
            Assert.Equal(
                Reason.StoreFull,
                (await Assert.ThrowsAsync<StorageException>(() => _store.ReplaceAsync("a/b", new byte[100_000], Stop))).Reason
            );

            Assert.Empty(Drafts);
            Assert.Empty(await _store.ListAsync("", Stop).ToListAsync(Stop));
            Assert.True(await PutAsync("a/b", 60_000));
        }
        finally
        {
            Run("umount", _root);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private async Task<bool> PutAsync(string name, int size)
    {
        await using var draft = await _store.DraftAsync(Stop);
        await draft.Content.WriteAsync(new byte[size], Stop);
        return await draft.CommitAsync(name, Stop);
    }
}
