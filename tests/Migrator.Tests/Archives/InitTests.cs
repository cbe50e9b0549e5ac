using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Two who make an archive in one place at once.</summary>
public sealed class InitTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Cases =>
        new MatrixTheoryData<string, bool>(["draft", "commit keys/", "commit format/"], [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task No_more_than_one_of_them_gets_it(string before, bool encrypted)
    {
        var (store, controlStore, made, other) = (new MemoryBlobStore(), new MemoryBlobStore(), new List<int>(), false);
        var slow = new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Before = async what =>
                {
                    if (other || !what.StartsWith(before, StringComparison.Ordinal))
                        return;
                    other = true;
                    await CreateAsync(store, 2);
                },
            }
        );

        await CreateAsync(slow, 1);

        Assert.InRange(made.Count, 0, 1);
        if (before == "commit keys/" && !encrypted)
            Assert.Equal([1], made);
        // A reader that was reported of it opens it; one that was reported nothing left nothing that could be taken for it.
        Assert.InRange(store.Blobs.Keys.Count(name => name.StartsWith("format/", StringComparison.Ordinal)), 0, 1);
        foreach (var number in made)
            await Archive.OpenAsync(store, controlStore, Key(number), TimeProvider.System, Stop);

        async Task CreateAsync(IBlobStore through, int number)
        {
            try
            {
                await Archive.CreateAsync(through, controlStore, Key(number), 0, TimeProvider.System, Stop);
                made.Add(number);
            }
            catch (StorageException exception) when (exception.Reason == Reason.ArchiveExists)
            {
                // As it should be.
            }
        }

        SecretKeyWrapper? Key(int number) => encrypted ? SecretKeyWrapper.OfKeyFile([.. Enumerable.Repeat((byte)number, 32)]) : null;
    }
}
