using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Xunit;

namespace Migrator.Tests.Conformance;

/// <summary>What <see cref="IBlobStore"/> promises, proved on whatever implements it.</summary>
public abstract partial class BlobStoreConformance : IAsyncLifetime
{
    private static readonly byte[] s_digits = "0123456789"u8.ToArray();

    protected IBlobStore Store { get; private set; } = null!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens the store; the second time, with what was in it the first time.</summary>
    protected abstract Task<IBlobStore> OpenStoreAsync();

    public async ValueTask InitializeAsync() => Store = await OpenStoreAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (Store is not null)
            await Store.DisposeAsync();
    }

    [Fact]
    public async Task A_new_store_is_empty()
    {
        Assert.Empty(await ListAsync());
        Assert.Null(await Store.FindAsync("a/b", Stop));
        Assert.NotEmpty(Store.Location);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a/b/c/d/e")]
    [InlineData("packs/00/0123456789abcdef.pack")]
    [InlineData("a.b_c-d/e..f")]
    public async Task A_blob_comes_back_under_its_name_also_in_a_reopened_store(string name)
    {
        Assert.True(await PutAsync(name, s_digits));

        await using var again = await OpenStoreAsync();
        foreach (var store in new[] { Store, again })
        {
            Assert.Equal(s_digits, await ReadAsync(store, name));
            Assert.Equal(10, (await store.FindAsync(name, Stop))!.Size);
            Assert.Equal([name], await ListAsync(store: store));
        }
    }

    [Fact]
    public async Task The_longest_name_is_taken()
    {
        var name = string.Join('/', Enumerable.Repeat(new string('x', 19), 10));
        Assert.Equal(BlobName.MaxLength, name.Length + 1);

        Assert.True(await PutAsync(name + "y", s_digits));

        Assert.Equal([name + "y"], await ListAsync());
    }

    [Fact]
    public async Task An_empty_blob_is_a_blob()
    {
        Assert.True(await PutAsync("empty", []));

        Assert.Equal(0, (await Store.FindAsync("empty", Stop))!.Size);
        Assert.Empty(await ReadAsync(Store, "empty"));
        Assert.False(await PutAsync("empty", s_digits));
    }

    [Fact]
    public async Task Nobody_sees_a_draft()
    {
        await using var other = await OpenStoreAsync();
        await using var draft = await Store.DraftAsync(Stop);
        await draft.Content.WriteAsync(new byte[300_000], Stop);

        Assert.Empty(await ListAsync(store: other));

        Assert.True(await draft.CommitAsync("a/b", Stop));
        Assert.Equal(["a/b"], await ListAsync(store: other));
        Assert.Equal(300_000, (await other.FindAsync("a/b", Stop))!.Size);
    }

    [Fact]
    public async Task A_disposed_draft_leaves_nothing()
    {
        await using (var draft = await Store.DraftAsync(Stop))
            await draft.Content.WriteAsync(new byte[300_000], Stop);

        Assert.Empty(await ListAsync());
        Assert.True(await PutAsync("a/b", s_digits));
    }

    [Fact]
    public async Task A_cancelled_commit_leaves_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await using (var draft = await Store.DraftAsync(Stop))
        {
            await draft.Content.WriteAsync(s_digits, Stop);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => draft.CommitAsync("a/b", cancelled.Token));
        }

        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_second_commit_of_a_name_keeps_the_first_blob()
    {
        Assert.True(await PutAsync("a/b", s_digits));

        Assert.False(await PutAsync("a/b", new byte[20]));
        Assert.False(await PutAsync("a/b", new byte[9 << 20]));

        Assert.Equal(s_digits, await ReadAsync(Store, "a/b"));
        Assert.Equal(["a/b"], await ListAsync());
    }

    [Theory]
    [InlineData(24, 1000)]
    [InlineData(4, 9 << 20)]
    public async Task Of_many_commits_of_one_name_at_the_same_time_exactly_one_succeeds_as_a_whole(int count, int size)
    {
        var drafts = new List<IBlobDraft>();
        for (var index = 0; index < count; index++)
        {
            drafts.Add(await Store.DraftAsync(Stop));
            await drafts[index].Content.WriteAsync(Enumerable.Repeat((byte)index, size).ToArray(), Stop);
        }
        // Disposed by each as soon as it is done, as its user would: that must not take a blob away either.
        var created = await Task.WhenAll(
            drafts.Select(
                (draft, index) =>
                    Task.Run(async () =>
                    {
                        await using (draft)
                            return await draft.CommitAsync("lock", Stop);
                    })
            )
        );

        var winner = (byte)Assert.Single(Enumerable.Range(0, count), index => created[index]);
        var content = await ReadAsync(Store, "lock");
        Assert.Equal(size, content.Length);
        Assert.True(content.AsSpan().IndexOfAnyExcept(winner) < 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replace_creates_and_overwrites(bool isDurable)
    {
        await ReplaceAsync(isDurable, "notes/lease", s_digits);
        await ReplaceAsync(isDurable, "notes/lease", "new"u8.ToArray());

        Assert.Equal("new"u8.ToArray(), await ReadAsync(Store, "notes/lease"));
        Assert.Equal(["notes/lease"], await ListAsync());
        Assert.False(await PutAsync("notes/lease", s_digits));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_sees_the_old_content_or_the_new_never_a_mixture(bool isDurable)
    {
        await ReplaceAsync(isDurable, "note", new byte[50_000]);
        var writing = Task.Run(
            async () =>
            {
                for (byte jobRun = 1; jobRun < 30; jobRun++)
                    await ReplaceAsync(isDurable, "note", Enumerable.Repeat(jobRun, 50_000).ToArray());
            },
            Stop
        );
        do
        {
            var content = await ReadAsync(Store, "note");
            Assert.Equal(50_000, content.Length);
            Assert.True(content.AsSpan().IndexOfAnyExcept(content[0]) < 0);
        } while (!writing.IsCompleted);
        await writing;
    }

    [Fact]
    public async Task Modified_is_when_it_was_committed_or_replaced()
    {
        await PutAsync("a", s_digits);
        await Store.ReplaceAsync("b", s_digits, Stop);

        var found = await Store.FindAsync("a", Stop);
        var listed = (await Store.ListAsync("", Stop).ToListAsync(Stop)).Single(blob => blob.Name == "a");

        Assert.Equal(found, listed);
        var replaced = (await Store.FindAsync("b", Stop))!.Modified;
        // Stores keep seconds at the coarsest.
        Assert.True(replaced >= found!.Modified.AddSeconds(-1));
        Assert.InRange(found.Modified, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(10));
    }

    [Fact]
    public async Task Delete_may_be_repeated_and_frees_the_name()
    {
        await PutAsync("a/b", s_digits);
        await PutAsync("a/c", s_digits);

        await Store.DeleteAsync("a/b", Stop);
        await Store.DeleteAsync("a/b", Stop);
        await Store.DeleteAsync("never/was", Stop);
        await Store.DeleteAsync("a", Stop);

        Assert.Equal(["a/c"], await ListAsync());
        Assert.True(await PutAsync("a/b", new byte[1]));
    }

    [Fact]
    public async Task A_blob_that_is_offline_is_there_and_said_to_be_unreadable_until_it_is_back()
    {
        await PutAsync("packs/a", s_digits);
        await PutAsync("packs/b", s_digits);
        Assert.Equal(BlobAccess.Online, (await Store.FindAsync("packs/a", Stop))!.Access);

        if (!await TakeOfflineAsync("packs/a"))
            return;
        var found = (await Store.FindAsync("packs/a", Stop))!;
        Assert.Equal((10, BlobAccess.Offline, "archive"), (found.Size, found.Access, found.Tier));
        Assert.Equal([found, (await Store.FindAsync("packs/b", Stop))!], await Store.ListAsync("packs/", Stop).ToListAsync(Stop));
        foreach (var (offset, length) in new[] { (0L, 0L), (3L, 4L), (0L, long.MaxValue) })
            Assert.Equal(
                Reason.BlobOffline,
                (await Assert.ThrowsAsync<StorageException>(() => Store.OpenAsync("packs/a", offset, length, Stop))).Reason
            );
        Assert.False(await PutAsync("packs/a", s_digits));

        await ((IRehydratingStore)Store).RehydrateAsync("packs/a", "cool", false, Stop);
        await ((IRehydratingStore)Store).RehydrateAsync("packs/a", "cool", true, Stop);
        Assert.NotEqual(BlobAccess.Offline, (await Store.FindAsync("packs/a", Stop))!.Access);
        await Store.DeleteAsync("packs/a", Stop);
        Assert.Equal(["packs/b"], await ListAsync());
    }

    [Fact]
    public async Task A_draft_is_committed_once()
    {
        await using var draft = await Store.DraftAsync(Stop);
        Assert.True(await draft.CommitAsync("a", Stop));

        await Assert.ThrowsAsync<InvalidOperationException>(() => draft.CommitAsync("b", Stop));

        Assert.Equal(["a"], await ListAsync());
    }

    /// <summary>Takes a blob offline, as somebody else might.</summary>
    /// <returns>False where the store has no such thing.</returns>
    protected virtual Task<bool> TakeOfflineAsync(string name)
    {
        Assert.IsNotType<IRehydratingStore>(Store, exactMatch: false);
        return Task.FromResult(false);
    }

    protected async Task<bool> PutAsync(string name, byte[] bytes)
    {
        await using var draft = await Store.DraftAsync(Stop);
        await draft.Content.WriteAsync(bytes, Stop);
        return await draft.CommitAsync(name, Stop);
    }

    private Task ReplaceAsync(bool isDurable, string name, byte[] content) =>
        isDurable ? Store.ReplaceAsync(name, content, Stop) : Store.ReplaceVolatileAsync(name, content, Stop);

    protected async Task<List<string>> ListAsync(string prefix = "", IBlobStore? store = null) =>
        await (store ?? Store).ListAsync(prefix, Stop).Select(blob => blob.Name).ToListAsync(Stop);

    protected static async Task<byte[]> ReadAsync(IBlobStore store, string name, long offset = 0, long length = long.MaxValue)
    {
        await using var content = await store.OpenAsync(name, offset, length, Stop);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, Stop);
        return bytes.ToArray();
    }
}
