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
        plain.Through = store => new FaultyBlobStore(store, new Faults(0)
        {
            Before = async what =>
            {
                if (begun || !what.StartsWith("open packs/", StringComparison.Ordinal))
                    return;
                begun = true;
                plain.Through = store => store;
                await plain.BackUpAsync(bob.Session, "bob@old.example");
            },
        });

        var report = await new ArchiveCheck(await plain.OpenAsync(), 1).RunAsync(_ => { }, TestContext.Current.CancellationToken);

        Assert.True(begun);
        Assert.Empty(report.Problems);
        await plain.ShouldBeSoundAsync();
    }
}
