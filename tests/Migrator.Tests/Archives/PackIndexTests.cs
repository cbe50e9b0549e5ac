using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Storage.Archives;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>What every index of packs promises.</summary>
public abstract class PackIndexConformance
{
    protected abstract IPackIndex Open();

    [Fact]
    public void An_object_is_found_wherever_it_lies_until_no_blob_lists_its_pack()
    {
        using var index = Open();
        index.Add([Blob("index/a", Pack("packs/1", 1, 2)), Blob("index/b", Pack("packs/1", 1, 2), Pack("packs/2", 2, 3))]);

        Assert.Equal(["packs/1", "packs/2"], index.FindAll(Id(2)).Select(place => place.Pack));
        Assert.Equal(
            4,
            index.FindAll(Id(1)).Concat(index.FindAll(Id(2))).Concat(index.FindAll(Id(3))).Select(place => place.Row).Distinct().Count()
        );
        Assert.Equal((4, true), (index.Objects, index.Rows >= 4));
        Assert.Equal(["index/a", "index/b"], index.BlobsOf(["packs/1"]).Order());
        Assert.Equal(["packs/1", "packs/2"], index.PacksOf("index/b").Select(pack => pack.Name));
        index.Remove(["index/b", "index/none"]);
        Assert.Equal(["packs/1"], index.FindAll(Id(2)).Select(place => place.Pack));
        Assert.Empty(index.FindAll(Id(3)));
        Assert.False(index.Knows("packs/2"));
        Assert.Null(index.Read("packs/2"));
        index.Remove(["index/a"]);
        Assert.Equal((0, 0), (index.Packs().Count(), index.Objects));
    }

    [Fact]
    public void Many_objects_are_found_at_once_each_at_its_place()
    {
        using var index = Open();
        index.Add([Blob("index/a", Pack("packs/1", [.. Enumerable.Range(0, 3000)]), Pack("packs/2", [.. Enumerable.Range(2000, 2000)]))]);
        List<ObjectId> ids = [.. Enumerable.Range(0, 5000).Reverse().Append(7).Append(7).Select(Id)];

        var found = index.FindAll(ids);

        Assert.Equal(ids.Select(index.FindAll), found);
        Assert.Equal([0, 1, 2, 1], new[] { 4500, 3500, 2500, 1500 }.Select(number => found[4999 - number].Count));
        Assert.Empty(index.FindAll(new List<ObjectId>()));
        // While others write to it, too.
        index.Add([Blob("index/b", Pack("packs/3", 4500))]);
        Assert.Equal("packs/3", Assert.Single(index.FindAll(ids)[499]).Pack);
    }

    [Fact]
    public void A_pack_reads_as_it_was_added_and_its_rows_follow_one_another()
    {
        using var index = Open();
        var packs = Enumerable.Range(0, 20).Select(number => Pack($"packs/{number}", [.. Enumerable.Range(number * 10, 10)])).ToList();
        using (index.Bulk())
        {
            foreach (var pack in packs)
                index.Add([Blob($"index/{pack.Name[6..]}", pack)]);
        }

        foreach (var pack in packs)
        {
            var (read, known) = (index.Read(pack.Name)!, index.Packs().Single(known => known.Name == pack.Name));
            Assert.Equal(pack.Entries, read.Entries);
            Assert.Equal((pack.Size, pack.Entries.Count), (known.Size, known.Objects));
            Assert.Equal(pack.Entries.Skip(3).Take(4), index.Read(known, 3, 4));
            Assert.Equal(pack.Entries.Skip(8), index.Read(known, 8, 5));
            foreach (var (place, entry) in pack.Entries.Index())
                Assert.Equal(
                    new ObjectPlace(pack.Name, entry.Offset, entry.Stored, known.FirstRow + place),
                    Assert.Single(index.FindAll(entry.Id))
                );
        }
    }

    [Fact]
    public void However_many_packs_there_are_they_come_by_their_rows_while_others_come_and_go()
    {
        using var index = Open();
        foreach (var blob in Enumerable.Range(0, 26))
            index.Add([Blob($"index/{blob}", [.. Enumerable.Range(100 * blob, 100).Select(number => Pack($"packs/{number}", number))])]);
        index.Remove(["index/3"]);
        index.Add([Blob("index/new", Pack("packs/new", 1, 2))]);

        var packs = index.Packs().ToList();
        Assert.Equal(2501, packs.Count);
        Assert.Equal(packs.OrderBy(pack => pack.FirstRow), packs);
        Assert.Equal("packs/new", packs[^1].Name);
        var seen = 0;
        foreach (var pack in index.Packs())
        {
            if (seen++ == 0)
                index.Remove(["index/25"]);
        }
        Assert.InRange(seen, 2401, 2501);
    }

    [Fact]
    public void What_packs_of_a_kind_hold_adds_up()
    {
        using var index = Open();
        Assert.Equal(new PackTotals(0, 0, 0), index.Totals(BlobKind.Pack));
        PackContents[] packs = [Pack("packs/1", 1, 2), Pack("packs/2", 2, 3), Pack("pages/1", 4)];
        index.Add([Blob("index/a", packs), Blob("index/b", packs[0])]);

        // Two copies of one object are two.
        Assert.Equal(
            new PackTotals(
                4,
                packs[..2].Sum(pack => pack.Entries.Sum(entry => entry.Plain)),
                packs[..2].Sum(pack => pack.Entries.Sum(entry => entry.Stored))
            ),
            index.Totals(BlobKind.Pack)
        );
        Assert.Equal(1, index.Totals(BlobKind.Pages).Objects);
        Assert.Equal(0, index.Totals(BlobKind.Headers).Objects);
    }

    [Fact]
    public void What_a_blob_supersedes_is_kept_and_a_blob_counts_once()
    {
        using var index = Open();
        var blob = new IndexedBlob("index/new", ["index/a", "index/b"], [Pack("packs/1", 1)]);
        index.Add([blob]);
        index.Add([blob, new IndexedBlob("index/empty", [], [])]);

        Assert.Equal(["index/empty", "index/new"], index.Blobs.Keys.Order());
        Assert.Equal(["index/a", "index/b"], index.Blobs["index/new"]);
        Assert.Empty(index.Blobs["index/empty"]);
        Assert.Single(index.Packs());
    }

    [Fact]
    public void Pages_of_which_all_messages_were_found_are_known_until_a_pack_goes()
    {
        using var index = Open();
        index.Add([Blob("index/a", Pack("packs/1", 1)), Blob("index/b", Pack("packs/2", 2))]);
        var (first, second, third) = (Id(1).Value, Id(2).Value, Id(3).Value);
        Assert.False(index.IsWhole(first));
        index.NoteWhole(first, index.Losses, instead: null);
        index.NoteWhole(second, index.Losses, instead: null);
        index.NoteWhole(third, index.Losses, instead: first);
        Assert.Equal([false, true, true], new[] { first, second, third }.Select(index.IsWhole));

        // Another blob lists the same pack: it has not gone.
        index.Add([new IndexedBlob("index/merged", ["index/a"], [Pack("packs/1", 1)])]);
        index.Remove(["index/a"]);
        Assert.True(index.IsWhole(second));
        var losses = index.Losses;
        index.Remove(["index/b"]);
        Assert.False(index.IsWhole(second));
        Assert.False(index.IsWhole(third));
        // Looked for before the pack went.
        index.NoteWhole(second, losses, instead: null);
        Assert.False(index.IsWhole(second));
        index.NoteWhole(second, index.Losses, instead: null);
        Assert.True(index.IsWhole(second));
    }

    protected static IndexedBlob Blob(string name, params PackContents[] packs) => new(name, [], packs);

    protected static PackContents Pack(string name, params int[] numbers) =>
        new(name, 1000 + numbers.Length, [.. numbers.Select(number => new PackEntry(Id(number), 44 + (number * 100L), 100, 90))]);

    protected static ObjectId Id(int number) => new(ContentId.Of(BitConverter.GetBytes(number)));
}

public sealed class MemoryPackIndexTests : PackIndexConformance
{
    protected override IPackIndex Open() => new MemoryPackIndex();
}

public sealed class SqlitePackIndexTests : PackIndexConformance, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("index");

    private string File => Path.Combine(_directory.FullName, "archive", "index.db");

    protected override IPackIndex Open() => SqlitePackIndex.Open(File);

    [Fact]
    public void It_is_there_again_in_the_next_process_and_shared_by_several()
    {
        using (var first = Open())
        {
            first.Add([Blob("index/a", Pack("packs/1", 1, 2))]);
            first.Looked = MemoryArchive.Epoch;
            using var second = Open();
            second.Add([Blob("index/b", Pack("packs/2", 3))]);
            Assert.Equal("packs/2", Assert.Single(first.FindAll(Id(3))).Pack);
            first.NoteWhole(Id(1).Value, first.Losses, instead: null);
            Assert.True(second.IsWhole(Id(1).Value));
            second.Remove(["index/a"]);
            Assert.Empty(first.FindAll(Id(1)));
            Assert.False(first.IsWhole(Id(1).Value));
            first.NoteWhole(Id(2).Value, second.Losses, instead: null);
        }
        using var again = Open();

        Assert.Equal(["index/b"], again.Blobs.Keys);
        Assert.Equal(MemoryArchive.Epoch, again.Looked);
        Assert.True(again.IsWhole(Id(2).Value));
        Assert.Single(again.FindAll(Id(3)));
    }

    [Theory]
    [InlineData("no database at all, but some text that is long enough to be taken for one, or so it seems to be at the moment, I think")]
    [InlineData("")]
    public void A_file_that_is_none_is_recreated(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, content);

        using var index = Open();

        Assert.Empty(index.Blobs);
        index.Add([Blob("index/a", Pack("packs/1", 1))]);
        Assert.Single(index.FindAll(Id(1)));
    }

    [Fact]
    public void Where_it_cannot_be_written_the_words_say_what_to_do()
    {
        Directory.CreateDirectory(File);

        Assert.Contains("delete it", Assert.Throws<StorageException>(Open).Message);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
