using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Archives.Search;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Mail.Search;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives.Search;

/// <summary>Messages are found wherever and whenever they were, without reading any mail.</summary>
public sealed class ArchiveSearchTests
{
    private const string Bob = "bob@old.example";

    private readonly MemoryMailSource _ann = new(),
        _bob = new();
    private readonly List<string> _warnings = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_that_moved_vanished_or_came_back_is_found_with_its_places_and_times(bool encrypted)
    {
        var archive = await YearAsync(encrypted);

        // Moved from INBOX to Work on the second day.
        Assert.Equal(
            ["ann@old.example INBOX 1: 2026-01-01 to 2026-01-01, gone", "ann@old.example Work 1: 2026-01-02 to 2026-01-04, there"],
            await FindAsync(archive, "moved")
        );
        // Deleted on the third day.
        Assert.Equal(["ann@old.example INBOX 2: 2026-01-01 to 2026-01-02, gone"], await FindAsync(archive, "vanished"));
        // Deleted on the second day, and restored by its user on the fourth: under another UID.
        Assert.Equal(
            ["ann@old.example INBOX 3: 2026-01-01 to 2026-01-01, gone", "ann@old.example INBOX 6: 2026-01-04 to 2026-01-04, there"],
            await FindAsync(archive, "came back")
        );
        // In two mailboxes.
        Assert.Equal(
            ["ann@old.example INBOX 4: 2026-01-01 to 2026-01-04, there", "bob@old.example INBOX 1: 2026-01-01 to 2026-01-04, there"],
            await FindAsync(archive, "to all")
        );
        Assert.Equal(["bob@old.example INBOX 1: 2026-01-01 to 2026-01-04, there"], await FindAsync(archive, "to all", mailbox: "bob"));
        Assert.Empty(await FindAsync(archive, "nowhere"));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task Conditions_on_place_date_and_size_hold_together()
    {
        var archive = await YearAsync(encrypted: false);

        Assert.Equal(["ann@old.example Work 1: 2026-01-02 to 2026-01-04, there"], await FindAsync(archive, "moved", folder: "Wor*"));
        Assert.Equal(
            ["ann@old.example INBOX 1: 2026-01-01 to 2026-01-01, gone"],
            await FindAsync(archive, "moved", at: (await archive.SnapshotsAsync())[0].Id)
        );
        Assert.Equal(["ann@old.example Work 1: 2026-01-02 to 2026-01-04, there"], await FindAsync(archive, "moved", at: "latest"));
        Assert.Empty(await FindAsync(archive, "vanished", at: "latest"));
        Assert.Single(await FindAsync(archive, "vanished", conditions: new SearchConditions(All, Since: Day(2), Before: Day(3))));
        Assert.Empty(await FindAsync(archive, "vanished", conditions: new SearchConditions(All, Since: Day(3))));
        Assert.Empty(await FindAsync(archive, "vanished", conditions: new SearchConditions(All, Before: Day(2))));
        var size = Letter("vanished").Length;
        Assert.Single(await FindAsync(archive, "vanished", conditions: new SearchConditions(All, Larger: size - 1, Smaller: size + 1)));
        Assert.Empty(await FindAsync(archive, "vanished", conditions: new SearchConditions(All, Larger: size)));
        Assert.Empty(await FindAsync(archive, "vanished", conditions: new SearchConditions(All, Smaller: size)));
        Assert.Equal(
            Reason.SnapshotMissing,
            (await Assert.ThrowsAsync<StorageException>(() => FindAsync(archive, "moved", at: "2020-01-01"))).Reason
        );
        Assert.Equal(
            Reason.SnapshotMissing,
            (await Assert.ThrowsAsync<StorageException>(() => FindAsync(archive, "moved", mailbox: "carol"))).Reason
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_search_opens_no_pack_of_mail(bool encrypted)
    {
        var archive = await YearAsync(encrypted);
        var opened = new List<string>();
        archive.Through = store => new FaultyBlobStore(
            store,
            new Faults(0)
            {
                Counted = what =>
                {
                    lock (opened)
                        opened.Add(what);
                },
            }
        );

        Assert.NotEmpty(await FindAsync(archive, "moved"));

        Assert.DoesNotContain(opened, what => what.StartsWith("open packs/", StringComparison.Ordinal));
        Assert.Contains(opened, what => what.StartsWith("open headers/", StringComparison.Ordinal));
        // Each page once for what may be found and once for where it is, however many snapshots there are.
        Assert.True(opened.Count(what => what.StartsWith("open snapshots/", StringComparison.Ordinal)) <= 4 * 2 + 2);
    }

    [Fact]
    public async Task Messages_whose_headers_are_not_recorded_are_counted_and_read_if_that_is_wanted()
    {
        var archive = await YearAsync(encrypted: true);
        await ForgetHeadersAsync(archive);

        var (without, with) = (
            await SearchAsync(archive, "vanished"),
            await SearchAsync(archive, "vanished", conditions: new SearchConditions(All) { ReadBodies = true })
        );

        Assert.Equal((0, without.Looked), (without.Found.Count, without.Unrecorded));
        Assert.True(without.Unrecorded >= 5);
        Assert.Equal((1, 0L), (with.Found.Count, with.Unrecorded));
        // Where no header is asked for, they are found without.
        var place = await SearchAsync(
            archive,
            null,
            conditions: new SearchConditions(All, Since: Day(2), Before: Day(3)) { AskHeaders = false }
        );
        Assert.Null(Assert.Single(place.Found).Headers);

        // Repair records them for good.
        var repair = await new ArchiveRepair(await archive.OpenAsync()).RunAsync([], _ => { }, Stop);
        Assert.Contains(repair.Done, done => done.StartsWith("Headers of ", StringComparison.Ordinal));
        var mended = await SearchAsync(archive, "vanished");
        Assert.Equal((1, 0L), (mended.Found.Count, mended.Unrecorded));
        await archive.ShouldBeSoundAsync();
        Assert.Empty((await new ArchiveRepair(await archive.OpenAsync()).RunAsync([], _ => { }, Stop)).Done);
    }

    [Fact]
    public async Task A_damaged_pack_of_headers_is_named_and_its_messages_are_counted_and_recorded_again_by_repair()
    {
        var archive = await YearAsync(encrypted: false);
        var pack = archive.Store.Blobs.Keys.First(name => name.StartsWith("headers/", StringComparison.Ordinal));
        archive.Store.Blobs[pack][60] ^= 1;

        var found = await SearchAsync(archive, "nowhere");

        Assert.True(found.Unrecorded > 0);
        Assert.Contains(_warnings, warning => warning.Contains(pack, StringComparison.Ordinal));
        await new ArchiveRepair(await archive.OpenAsync()).RunAsync([], _ => { }, Stop);
        Assert.Equal(0, (await SearchAsync(archive, "nowhere")).Unrecorded);
        await archive.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Long_headers_that_are_cut_are_counted_and_read_if_that_is_wanted()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        _ann.Add("INBOX")
            .Add(
                Encoding.ASCII.GetBytes(
                    $"To: {string.Join(", ", Enumerable.Range(0, 1000).Select(number => $"user{number}@old.example"))}\r\n\r\n"
                )
            );
        await archive.BackUpAllAsync(_ann);

        var (first, last) = (await SearchAsync(archive, "user7@"), await SearchAsync(archive, "user999@"));
        var read = await SearchAsync(archive, "user999@", conditions: new SearchConditions(All) { ReadBodies = true });

        Assert.Equal((1, 0L), (first.Found.Count, first.Cut));
        Assert.Equal((0, 1L), (last.Found.Count, last.Cut));
        Assert.Equal((1, 0L), (read.Found.Count, read.Cut));
    }

    [Fact]
    public async Task More_than_the_limit_is_said()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var inbox = _ann.Add("INBOX");
        for (var number = 0; number < 2100; number++)
            inbox.Add(Letter($"{number}"));
        await archive.BackUpAllAsync(_ann);

        var some = await SearchAsync(archive, "letter", conditions: new SearchConditions(All) { Limit = 20 });
        var all = await SearchAsync(archive, "letter");

        Assert.Equal((20, true), (some.Found.Count, some.IsCutShort));
        Assert.Equal((2100, false, 0L), (all.Found.Count, all.IsCutShort, all.Unrecorded));
        Assert.Equal(2100, all.Found.Select(message => message.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3 << 20)]
    public async Task Messages_that_pass_through_memory_or_the_spool_have_their_headers_recorded(int size)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: true);
        _ann.Add("INBOX").Add(Encoding.ASCII.GetBytes($"Subject: spooled\r\n\r\n{new string('x', size)}"));
        await archive.BackUpAllAsync(_ann);

        Assert.Single(await FindAsync(archive, "spooled"));
    }

    /// <summary>The packs of mail are durable, and the headers were still in memory.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_is_killed_at_any_moment_leaves_no_message_without_its_headers(bool encrypted)
    {
        var (before, left) = (await MemoryArchive.CreateAsync(encrypted), new List<(string What, MemoryArchive Archive)>());
        foreach (var name in new[] { "INBOX", "Work" })
        {
            var folder = _ann.Add(name);
            for (var number = 0; number < 30; number++)
                folder.Add(Letter($"{name} {number}"));
        }
        var archive = before.Clone();
        archive.Through = store => new FaultyBlobStore(store, new Faults(0) { Changed = what => left.Add((what, archive.Clone())) });
        await archive.BackUpAllAsync(_ann);
        Assert.Contains(left, change => change.What.StartsWith("commit headers/", StringComparison.Ordinal));

        foreach (var (what, killed) in left)
        {
            await killed.BackUpAllAsync(_ann);
            var found = await SearchAsync(killed, "letter");
            Assert.True(
                (found.Found.Count, found.Unrecorded) == (60, 0L),
                $"Killed after {what}: {found.Found.Count} found, {found.Unrecorded} not recorded."
            );
            await killed.ShouldBeSoundAsync();
        }
    }

    [Fact]
    public async Task Pruning_removes_headers_with_the_last_of_their_messages_and_not_before()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var inbox = _ann.Add("INBOX");
        inbox.Add(Letter("first"));
        await archive.BackUpAllAsync(_ann);
        archive.Time.Advance(TimeSpan.FromDays(1));
        inbox.Messages.Clear();
        inbox.LastUid = 1;
        inbox.Add(Letter("second"));
        await archive.BackUpAllAsync(_ann);
        archive.Time.Advance(TimeSpan.FromDays(40));
        var headers = archive.Store.Blobs.Keys.Where(name => name.StartsWith("headers/", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, headers.Count);

        await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );

        Assert.Single(archive.Store.Blobs.Keys, name => name.StartsWith("headers/", StringComparison.Ordinal));
        Assert.Empty(await FindAsync(archive, "first"));
        Assert.Single(await FindAsync(archive, "second"));
        // What comes back is stored again, and so are its headers.
        inbox.Add(Letter("first"));
        await archive.BackUpAllAsync(_ann);
        Assert.Single(await FindAsync(archive, "first"));
        await archive.ShouldBeSoundAsync();
    }

    /// <summary>The store is anybody's: what opens as a pack of headers may hold anything in a plain archive.</summary>
    [Fact]
    public async Task A_segment_that_never_ends_is_refused()
    {
        var archive = await YearAsync(encrypted: false);
        // A row of segments of 1 MiB, of a few bytes each, none of which is the last: five gigabytes.
        byte[] endless = [.. "MIGRHEAD"u8, .. new byte[36], .. Enumerable.Range(0, 5000).SelectMany(_ => Endless())];
        var pack = new PackContents(
            $"headers/202601/{ContentId.Of(endless)}",
            endless.Length,
            [new PackEntry(new ObjectId(ContentId.Of([1])), 44, endless.Length - 44, 1)]
        );
        using var bytes = new MemoryStream();
        bytes.Write(new byte[20]);
        pack.WriteTo(new BinaryWriter(bytes));
        var list = bytes.ToArray();
        byte[] index =
        [
            .. "MIGRINDX"u8,
            .. new byte[36],
            .. BitConverter.GetBytes((uint)list.Length | (1u << 31)),
            .. BitConverter.GetBytes((uint)list.Length),
            .. list,
        ];
        await archive.Store.ReplaceAsync(pack.Name, endless, Stop);
        await archive.Store.ReplaceAsync(
            $"index/{ContentId.Of(list)}",
            new byte[][] { index, System.Security.Cryptography.SHA256.HashData(index) }
                .SelectMany(part => part)
                .ToArray(),
            Stop
        );
        var before = GC.GetTotalAllocatedBytes();

        Assert.NotEmpty(await FindAsync(archive, "moved"));

        Assert.Contains(
            _warnings,
            warning => warning.Contains(pack.Name, StringComparison.Ordinal) && warning.Contains("too long", StringComparison.Ordinal)
        );
        Assert.True(GC.GetTotalAllocatedBytes() - before < 500 << 20);
    }

    private static FolderChoice All => new(FolderRules.All);

    private static DateTimeOffset Day(int day) => new(2020, 5, day, 0, 0, 0, TimeSpan.Zero);

    private static byte[] Letter(string subject) =>
        Encoding.UTF8.GetBytes($"From: a@old.example\r\nSubject: Letter {subject}\r\n\r\nWords.\r\n");

    private static byte[] Endless()
    {
        using var compressor = new ZstdSharp.Compressor();
        var body = compressor.Wrap(new byte[1 << 20]).ToArray();
        return [.. BitConverter.GetBytes((uint)body.Length | (1u << 30)), .. BitConverter.GetBytes(1u << 20), .. body];
    }

    /// <summary>Four days in two mailboxes.</summary>
    private async Task<MemoryArchive> YearAsync(bool encrypted)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        var (inbox, work) = (_ann.Add("INBOX", SpecialUse.Inbox), _ann.Add("Work"));
        foreach (var (number, subject) in new[] { "moved", "vanished", "came back", "to all", "stays" }.Index())
            inbox.Add(Letter(subject), date: Day(number + 1).AddHours(5));
        _bob.Add("INBOX").Add(Letter("to all"), date: Day(4).AddHours(6));
        Action[] days =
        [
            () => { },
            () =>
            {
                Remove(inbox, 1);
                work.Add(Letter("moved"), date: Day(1).AddHours(5));
                Remove(inbox, 3);
            },
            () => Remove(inbox, 2),
            () => inbox.Add(Letter("came back"), date: Day(3).AddHours(5)),
        ];
        foreach (var day in days)
        {
            day();
            await archive.BackUpAllAsync(_ann);
            Assert.Equal(RunOutcome.Complete, (await archive.BackUpAsync(_bob.Session, Bob)).Outcome);
            _bob.Folders[0].Messages[1] = _bob.Folders[0].Messages[1] with { Flags = FlagSet.Parse($"$Day{archive.Time.GetUtcNow().Day}") };
            archive.Time.Advance(TimeSpan.FromDays(1));
        }
        return archive;

        static void Remove(MemoryMailSource.Folder folder, Uid uid)
        {
            folder.LastUid = folder.State.UidNext.Value - 1;
            folder.Messages.Remove(uid);
        }
    }

    /// <summary>As an archive of an earlier version is: without headers.</summary>
    private static async Task ForgetHeadersAsync(MemoryArchive archive)
    {
        foreach (
            var name in archive
                .Store.Blobs.Keys.Where(name =>
                    name.StartsWith("headers/", StringComparison.Ordinal) || name.StartsWith("index/", StringComparison.Ordinal)
                )
                .ToList()
        )
            await archive.Store.DeleteAsync(name, Stop);
        var opened = await archive.OpenAsync();
        Assert.Contains(
            (await new ArchiveRepair(opened).RunAsync([], _ => { }, Stop)).Done,
            done => done.StartsWith("Headers of ", StringComparison.Ordinal)
        );
        foreach (var name in archive.Store.Blobs.Keys.Where(name => name.StartsWith("headers/", StringComparison.Ordinal)).ToList())
            await archive.Store.DeleteAsync(name, Stop);
    }

    private async Task<IReadOnlyList<string>> FindAsync(
        MemoryArchive archive,
        string text,
        string? mailbox = null,
        string? at = null,
        string? folder = null,
        SearchConditions? conditions = null
    ) =>
        [
            .. (await SearchAsync(archive, text, mailbox, at, folder, conditions)).Found.Select(message =>
                $"{message.Mailbox} {message.Folder} {message.Uid}: {message.FirstSeen:yyyy-MM-dd} to "
                + $"{message.LastSeen:yyyy-MM-dd}, "
                + $"{message.StillThere switch { true => "there", false => "gone", null => "not known" }}"
            ),
        ];

    private async Task<SearchResult<MessageHeaders>> SearchAsync(
        MemoryArchive archive,
        string? text,
        string? mailbox = null,
        string? at = null,
        string? folder = null,
        SearchConditions? conditions = null
    )
    {
        var search = await ArchiveSearch.OpenAsync(await archive.OpenAsync(), mailbox, at, Warn, Stop);
        return await search.RunAsync(
            conditions ?? new SearchConditions(new FolderChoice(FolderRules.All with { Include = folder is null ? [] : [folder] })),
            new HeaderQuery(text, null, null, null, null).Match,
            Stop
        );

        void Warn(string warning)
        {
            lock (_warnings)
                _warnings.Add(warning);
        }
    }
}
