using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Xunit;
using Xunit.Sdk;

namespace Migrator.Tests.Archives;

/// <summary>A disk turns over one bit, anywhere: check finds it, names the blob, and says which messages it costs.</summary>
public sealed class BitFlipTests
{
    private const int Flips = 1000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_bit_that_turns_over_is_found_and_named(bool encrypted)
    {
        var damaged = await Damaged.MakeAsync(encrypted);
        string[] kinds =
        [
            .. new[] { "format/", "keys/", "packs/", "pages/", "headers/", "index/", "snapshots/", "packs/" }.Where(kind =>
                encrypted || kind != "keys/"
            ),
        ];
        var blobsOf = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var kind in kinds.Distinct())
            blobsOf.Add(kind, await damaged.BlobsAsync(kind));
        // Every blob is of one of these.
        Assert.Equal(damaged.Archive.Store.Blobs.Count, blobsOf.Values.Sum(blobs => blobs.Count));
        Assert.Equal((3, 3, 3, 3), (blobsOf["packs/"].Count, blobsOf["index/"].Count, blobsOf["pages/"].Count, blobsOf["headers/"].Count));
        var (random, hurt) = (new Random(42), 0);
        for (var number = 0; number < Flips; number++)
        {
            var blobs = blobsOf[kinds[number % kinds.Length]];
            var blob = blobs[random.Next(blobs.Count)];
            hurt += await FlipAsync(damaged, blob, random.Next(damaged.Archive.Store.Blobs[blob].Length), 1 << random.Next(8));
        }
        Assert.True(hurt > 50, $"Only {hurt} flips cost a message.");
        await damaged.Archive.ShouldBeSoundAsync();
    }

    /// <summary>Among them is the one of each message that says that it ends here: without it, it runs on into the next.</summary>
    [Fact]
    public async Task Each_highest_bit_in_a_pack_costs_only_what_it_has_to()
    {
        var damaged = await Damaged.MakeAsync(encrypted: false);
        var pack = (await damaged.BlobsAsync("packs/"))[^1];
        for (var position = 0; position < damaged.Archive.Store.Blobs[pack].Length; position++)
            await FlipAsync(damaged, pack, position, 0x80);
    }

    /// <returns>1 where it costs messages.</returns>
    private static async Task<int> FlipAsync(Damaged damaged, string blob, int position, int bit)
    {
        var bytes = damaged.Archive.Store.Blobs[blob];
        bytes[position] ^= (byte)bit;
        try
        {
            return await LookAsync(damaged, blob);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new XunitException($"{blob}, byte {position} of {bytes.Length}, bit {bit}: {exception.Message}", exception);
        }
        finally
        {
            bytes[position] ^= (byte)bit;
        }
    }

    /// <returns>1 where it costs messages.</returns>
    private static async Task<int> LookAsync(Damaged damaged, string blob)
    {
        CheckReport report;
        try
        {
            report = await damaged.Archive.CheckAsync();
        }
        catch (StorageException exception)
        {
            Assert.Equal(Reason.ArchiveDamaged, exception.Reason);
            Assert.Contains(blob, exception.Message);
            return 0;
        }
        var problem =
            report.Problems.SingleOrDefault(problem => problem.Blob == blob)
            ?? throw new XunitException($"Not named, but: {string.Join(", ", report.Problems)}");
        if (!blob.StartsWith("packs/", StringComparison.Ordinal))
            return 0;
        Assert.Single(report.Problems);
        var lost = (await LostAsync(damaged)).Order().ToList();
        Assert.Equal(lost, problem.Touched.Select(message => $"{message.Mailbox} {message.Folder} {message.Uid}").Order());
        Assert.Equal(lost.Count, problem.TouchedCount);
        return lost.Count > 0 ? 1 : 0;
    }

    /// <summary>What a restore does not bring back: found by restoring, not by asking check.</summary>
    private static async Task<HashSet<string>> LostAsync(Damaged damaged)
    {
        var stop = TestContext.Current.CancellationToken;
        var (lost, archive) = (new HashSet<string>(), await damaged.Archive.OpenAsync());
        foreach (var (name, _) in damaged.Snapshots)
        {
            var sessions = await ArchiveSource.SessionsAsync(archive, await archive.ReadAsync(name, stop), stop);
            await using var session = await sessions(stop);
            foreach (var folder in await session.ListFoldersAsync(stop))
            {
                await session.OpenAsync(folder.Path, stop);
                var uids = await session.ListUidsAsync(1, stop);
                var received = new Received();
                try
                {
                    await session.FetchAsync(uids, received, stop);
                    Assert.Equal(uids.Count, received.Uids.Count);
                }
                catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
                {
                    // Whatever did not come is lost.
                }
                foreach (var uid in uids.Except(received.Uids))
                    lost.Add($"{MemoryArchive.Account} {folder.Path} {uid}");
            }
        }
        return lost;
    }

    private sealed class Received : IContentSink
    {
        public HashSet<Uid> Uids { get; } = [];

        public Stream Open(Uid? uid, long size) => new MemoryStream();

        public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            Uids.Add(uid);
            return default;
        }
    }
}
