using Migrator.Core.Archives;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Looking at an archive while others write to it.</summary>
public sealed class CheckTests
{
    [Fact]
    public async Task What_is_backed_up_meanwhile_is_no_problem()
    {
        var (archive, ann, bob) = (await MemoryArchive.CreateAsync(encrypted: false), new MemoryMailSource(), new MemoryMailSource());
        ann.Add("INBOX").Add("one"u8.ToArray());
        bob.Add("INBOX").Add("two"u8.ToArray());
        await archive.BackUpAllAsync(ann);
        var (plain, begun) = (archive.Clone(), false);
        plain.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Before = async what =>
                {
                    if (begun || !what.StartsWith("open packs/", StringComparison.Ordinal))
                        return;
                    begun = true;
                    plain.Through = store => store;
                    await plain.BackUpAsync(bob.Session, "bob@old.example");
                },
            }
        );

        var report = await new ArchiveCheck(await plain.OpenAsync(), 1).RunAsync(_ => { }, TestContext.Current.CancellationToken);

        Assert.True(begun);
        Assert.Empty(report.Problems);
        await plain.ShouldBeSoundAsync();
    }

    [Theory]
    [InlineData("packs/readme.txt")]
    [InlineData("packs/202601/00")]
    [InlineData("packs/2026a1/0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("packs/202601/zz00000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("pages/202601/0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task What_is_no_pack_is_named_whatever_it_is_called_and_nobody_removes_it(string name)
    {
        var (archive, mailbox) = (await MemoryArchive.CreateAsync(encrypted: false), new MemoryMailSource());
        mailbox.Add("INBOX").Add("one"u8.ToArray());
        await archive.BackUpAllAsync(mailbox);
        await archive.Store.ReplaceAsync(name, "Not a pack"u8.ToArray(), TestContext.Current.CancellationToken);

        var report = await archive.CheckAsync();
        Assert.Equal(name, Assert.Single(report.Problems).Blob);
        Assert.Equal(0, report.Problems[0].TouchedCount);

        archive.Time.Advance(TimeSpan.FromDays(40));
        await archive.BackUpAllAsync(mailbox);
        await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            TestContext.Current.CancellationToken
        );
        Assert.Contains(name, archive.Store.Blobs.Keys);
        await archive.NewestShouldEqualAsync(mailbox);
    }
}
