using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Failures;
using Xunit;

namespace Migrator.Tests.Conformance;

/// <summary>Ranges, listings, names.</summary>
public abstract partial class BlobStoreConformance
{
    [Theory]
    [InlineData(0, 10, "0123456789")]
    [InlineData(0, long.MaxValue, "0123456789")]
    [InlineData(3, 4, "3456")]
    [InlineData(9, 1, "9")]
    [InlineData(8, 100, "89")]
    [InlineData(8, long.MaxValue, "89")]
    [InlineData(4, 0, "")]
    [InlineData(10, 5, "")]
    [InlineData(1_000_000, 5, "")]
    public async Task A_range_ends_where_the_blob_ends(long offset, long length, string expected)
    {
        await PutAsync("a/b", s_digits);

        Assert.Equal(expected, Encoding.ASCII.GetString(await ReadAsync(Store, "a/b", offset, length)));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(5, 0)]
    public async Task A_missing_blob_is_said_to_be_missing(long offset, long length)
    {
        await PutAsync("a/b/c", s_digits);

        foreach (var name in new[] { "a/b", "a/b/d", "x/y", "a/b/c/d" })
        {
            var exception = await Assert.ThrowsAsync<StorageException>(() => Store.OpenAsync(name, offset, length, Stop));
            Assert.Equal(Reason.BlobMissing, exception.Reason);
            Assert.Null(await Store.FindAsync(name, Stop));
        }
    }

    [Fact]
    public async Task Names_are_listed_in_ordinal_order_by_prefix()
    {
        string[] names = ["a-b/x", "a-c", "a.b", "a/b-c", "a/b/c", "a/b/d", "a/b0", "a0", "aa/a", "ab", "b/a", "b_/a", "ba"];
        foreach (var name in names.Reverse())
            await PutAsync(name, s_digits);

        Assert.Equal(names.Order(StringComparer.Ordinal), await ListAsync());
        foreach (var prefix in new[] { "a", "a/", "a/b", "a/b/", "a/b/c", "a-", "b", "b/a", "x", "a/x/y", "ab/" })
            Assert.Equal(
                names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
                await ListAsync(prefix)
            );
    }

    [Fact]
    public async Task A_large_blob_comes_back_Byte_for_Byte()
    {
        const int size = 40 << 20;
        var chunk = new byte[100_003];
        var random = new Random(7);
        using var written = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var draft = await Store.DraftAsync(Stop))
        {
            for (var left = size; left > 0; left -= chunk.Length)
            {
                random.NextBytes(chunk);
                var part = chunk.AsMemory(0, Math.Min(chunk.Length, left));
                written.AppendData(part.Span);
                await draft.Content.WriteAsync(part, Stop);
            }
            Assert.True(await draft.CommitAsync("packs/large", Stop));
        }

        Assert.Equal(size, (await Store.FindAsync("packs/large", Stop))!.Size);
        await using var content = await Store.OpenAsync("packs/large", 0, long.MaxValue, Stop);
        Assert.Equal(written.GetHashAndReset(), await SHA256.HashDataAsync(content, Stop));
        var tail = await ReadAsync(Store, "packs/large", size - 5_000_000, 100_000_000);
        Assert.Equal(5_000_000, tail.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../b")]
    [InlineData("a/.b")]
    [InlineData(".drafts/a")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a\\b")]
    [InlineData("a\0")]
    [InlineData("a?b")]
    [InlineData("ü")]
    [InlineData("c:")]
    public async Task What_is_no_name_is_refused(string name)
    {
        await using var draft = await Store.DraftAsync(Stop);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => draft.CommitAsync(name, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.FindAsync(name, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.OpenAsync(name, 0, 1, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.ReplaceAsync(name, s_digits, Stop));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.DeleteAsync(name, Stop));
        if (name is not ("" or "a/"))
            await Assert.ThrowsAnyAsync<ArgumentException>(() => ListAsync(name));
    }
}
