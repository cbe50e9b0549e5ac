using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Archives.Search;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives.Search;

/// <summary>Messages that are named by their ids, and returned.</summary>
public sealed class MessageChoiceTests
{
    private const string Bob = "bob@old.example";

    private readonly MemoryMailSource _ann = new(),
        _bob = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_message_comes_from_the_newest_snapshot_that_has_it_with_the_flags_of_then(bool encrypted)
    {
        var archive = await MakeAsync(encrypted);

        var chosen = await ChooseAsync(archive, ["old", "twin", "kept"]);

        // "old" was deleted; another message has had its UID since, under another UIDVALIDITY.
        Assert.Equal(
            [
                "INBOX: Letter kept \\Seen 2026-01-05",
                "INBOX: Letter old \\Flagged 2026-01-01",
                "INBOX: Letter twin  2026-01-03",
                "Work: Letter twin \\Answered 2026-01-03",
            ],
            await GivenAsync(archive, chosen)
        );
        Assert.Equal(4, chosen.Snapshot.Messages);
        Assert.Equal(
            chosen.Messages[FolderPath.Inbox].Select(message => message.Uid).Distinct(),
            chosen.Messages[FolderPath.Inbox].Select(message => message.Uid)
        );
        Assert.Equal(
            ["Work: Letter twin \\Answered 2026-01-03"],
            await GivenAsync(archive, await ChooseAsync(archive, ["twin"], folder: "Work"))
        );
        Assert.NotEqual(chosen.Name.Id, (await ChooseAsync(archive, ["old"])).Name.Id);
        Assert.Equal(chosen.Name.Id, (await ChooseAsync(archive, ["kept", "twin", "old"])).Name.Id);
    }

    [Fact]
    public async Task A_message_that_only_another_mailbox_has_is_not_returned_and_that_is_said()
    {
        var archive = await MakeAsync(encrypted: true);

        var failure = await Assert.ThrowsAsync<StorageException>(() => ChooseAsync(archive, ["bobs"]));
        var nowhere = await Assert.ThrowsAsync<StorageException>(() => ChooseAsync(archive, ["nowhere"]));
        var anywhere = await MessageChoice.FindAnywhereAsync(await archive.OpenAsync(), Id("bobs"), Stop);

        Assert.Equal((Reason.MessageMissing, Reason.MessageMissing), (failure.Reason, nowhere.Reason));
        Assert.Contains(Bob, failure.Message);
        Assert.DoesNotContain(Bob, nowhere.Message);
        Assert.Equal(Bob, anywhere.Snapshot.Mailbox);
    }

    [Fact]
    public async Task A_snapshot_that_is_named_is_the_only_one_that_is_looked_into()
    {
        var archive = await MakeAsync(encrypted: false);
        var names = await archive.SnapshotsAsync();

        Assert.Single((await ChooseAsync(archive, ["old"], at: names[0].Id)).Messages);
        Assert.Equal(
            Reason.MessageMissing,
            (await Assert.ThrowsAsync<StorageException>(() => ChooseAsync(archive, ["old"], at: "latest"))).Reason
        );
    }

    [Fact]
    public async Task An_id_of_several_messages_names_none()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var inbox = _ann.Add("INBOX");
        for (var number = 0; number < 40; number++)
            inbox.Add(Letter($"{number}"));
        await archive.BackUpAllAsync(_ann);
        var first = Enumerable.Range(0, 40).Select(number => Id($"{number}", 1)).GroupBy(id => id).First(group => group.Count() > 1).Key;

        var failure = await Assert.ThrowsAsync<StorageException>(async () =>
            await MessageChoice.FindAsync(
                await archive.OpenAsync(),
                null,
                MailboxMatch.Exact,
                null,
                new FolderChoice(FolderRules.All),
                [first],
                Stop
            )
        );

        Assert.Equal(Reason.MessageMissing, failure.Reason);
        Assert.Contains("give more digits", failure.Message);
    }

    [Fact]
    public void Ids_have_as_many_digits_as_are_needed()
    {
        var (one, other) = (new byte[32], new byte[32]);
        other[20] = 1;
        var far = ContentId.Of("far"u8);

        var ids = MessageIds.Of([new ContentId(one), new ContentId(other), far]);

        Assert.Equal((16, 42, 42), (ids[far].Length, ids[new ContentId(one)].Length, ids[new ContentId(other)].Length));
        Assert.Equal(3, ids.Values.Distinct().Count());
    }

    private static byte[] Letter(string subject) => Encoding.UTF8.GetBytes($"Subject: Letter {subject}\r\n\r\n{subject}\r\n");

    private static string Id(string subject, int digits = 16) => ContentId.Of(Letter(subject)).ToString()[..digits];

    private async Task<MemoryArchive> MakeAsync(bool encrypted)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        var (day, inbox, work) = (MemoryArchive.Epoch, _ann.Add("INBOX"), _ann.Add("Work"));
        inbox.Add(Letter("old"), "\\Flagged", day);
        inbox.Add(Letter("twin"), "", day.AddDays(2));
        work.Add(Letter("twin"), "\\Answered", day.AddDays(2));
        _bob.Add("INBOX").Add(Letter("bobs"));
        await archive.BackUpAllAsync(_ann);
        await archive.BackUpAsync(_bob.Session, Bob);
        archive.Time.Advance(TimeSpan.FromDays(1));
        _ann.Folders.Remove(inbox);
        var again = _ann.Add("INBOX", uidValidity: 2);
        again.Add(Letter("kept"), "\\Seen", day.AddDays(4));
        again.Add(Letter("twin"), "", day.AddDays(2));
        await archive.BackUpAllAsync(_ann);
        return archive;
    }

    private static async Task<ChosenMessages> ChooseAsync(
        MemoryArchive archive,
        string[] subjects,
        string? at = null,
        string? folder = null
    ) =>
        await MessageChoice.FindAsync(
            await archive.OpenAsync(),
            MemoryArchive.Account,
            MailboxMatch.Exact,
            at,
            new FolderChoice(FolderRules.All with { Include = folder is null ? [] : [folder] }),
            [.. subjects.Select(subject => Id(subject))],
            Stop
        );

    private static async Task<IReadOnlyList<string>> GivenAsync(MemoryArchive archive, ChosenMessages chosen)
    {
        await using var session = await (await ArchiveSource.SessionsAsync(await archive.OpenAsync(), chosen, Stop))(Stop);
        var given = new List<string>();
        foreach (var folder in await session.ListFoldersAsync(Stop))
        {
            await session.OpenAsync(folder.Path, Stop);
            var uids = await session.ListUidsAsync(1, Stop);
            var (summaries, received) = (
                (await session.FetchSummariesAsync(uids, Stop)).ToDictionary(summary => summary.Uid),
                new Mail.ReceivedMail()
            );
            await session.FetchAsync(uids, received, Stop);
            given.AddRange(
                uids.Select(uid =>
                    $"{folder.Path}: {received.Messages[uid].Split("\r\n")[0]["Subject: ".Length..]} {summaries[uid].Flags} "
                    + $"{summaries[uid].InternalDate:yyyy-MM-dd}"
                )
            );
        }
        return [.. given.Order(StringComparer.Ordinal)];
    }
}
