using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Migrator.Tests.Recovery;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>What verify says of a backup, a page of both ends at a time, is what a comparison of all messages at once says.</summary>
public sealed class BackupVerificationTests
{
    private static readonly string[] s_flags = ["", "\\Seen", "\\Seen \\Flagged", "$Label"];

    private readonly MemoryMailSource _mailbox = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 170)]
    [InlineData(4, 999)]
    public async Task Every_difference_of_a_folder_of_many_pages_is_found_once(int seed, int messagesOfAConnection)
    {
        var random = new Random(seed);
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var inbox = _mailbox.Add("INBOX");
        for (var number = 0; number < 4_000; number++)
            Add(inbox, random, number);
        await archive.BackUpAllAsync(_mailbox);
        var first = inbox.Messages.Keys.ToHashSet();
        var pack = archive.Store.Blobs.Keys.Single(name => name.StartsWith("packs/", StringComparison.Ordinal));
        for (var number = 4_000; number < 4_300; number++)
            Add(inbox, random, number);
        await archive.BackUpAllAsync(_mailbox);
        var archived = inbox.Messages.ToDictionary(message => message.Key, message => message.Value);
        // What the first backup stored cannot be read any more; what the second did, can.
        var damaged = seed == 2;
        if (damaged)
            await archive.Store.DeleteAsync(pack, Stop);
        Change(inbox, random);
        var withheld = inbox.Messages.Keys.Where(_ => random.Next(100) == 0).ToHashSet();
        var expected = Expected(inbox, archived, withheld, damaged ? first : []).ToList();

        var (connections, left) = (0, 0);
        var report = await VerifyAsync(
            archive,
            _ =>
            {
                connections++;
                left = messagesOfAConnection;
                var session = _mailbox.Session();
                session.Withheld.UnionWith(withheld);
                session.BeforeMessage = _ =>
                {
                    if (messagesOfAConnection > 0 && left-- == 0)
                        throw new MailException(Reason.ConnectionLost, "lost");
                };
                return session;
            }
        );

        Assert.Equal(expected, report.Differences.Select(difference => (difference.Uid!.Value, difference.Kind, difference.Actual)));
        var folder = report.Folders.Single();
        Assert.Null(folder.Failure);
        Assert.Equal(messagesOfAConnection > 0, connections > 2);
        Assert.Equal(
            (
                inbox.Messages.Count,
                inbox.Messages.Values.Where(message => !withheld.Contains(message.Uid)).Sum(message => (long)message.Bytes.Length),
                Readable().Count(),
                inbox.Messages.Keys.Except(withheld).Count(uid => Readable().Contains(uid))
                    - expected.Count(difference => difference.Kind == DifferenceKind.Content),
                Readable().Except(inbox.Messages.Keys.Except(withheld)).Count()
            ),
            (folder.SourceMessages, folder.SourceBytes, folder.TargetMessages, folder.Matched, folder.Extra)
        );
        Assert.Equal(
            expected.CountBy(difference => difference.Kind).OrderBy(kind => kind.Key).Select(kind => (kind.Key, (long)kind.Value)),
            new[]
            {
                (DifferenceKind.Missing, folder.Missing),
                (DifferenceKind.Content, folder.Altered),
                (DifferenceKind.Flags, folder.FlagsDiffer),
                (DifferenceKind.InternalDate, folder.DatesDiffer),
            }.OrderBy(kind => kind.Item1)
        );

        IEnumerable<Uid> Readable() => damaged ? archived.Keys.Except(first) : archived.Keys;
    }

    [Fact]
    public async Task A_folder_of_which_the_archive_lost_a_page_is_not_called_compared()
    {
        var archive = await BackedUpAsync(3_000);
        var pages = archive.Store.Blobs.Keys.Single(name => name.StartsWith("pages/", StringComparison.Ordinal));
        _mailbox.Add("Sent").Add("Subject: sent\r\n\r\n"u8.ToArray());
        await archive.BackUpAllAsync(_mailbox);
        await archive.Store.DeleteAsync(pages, Stop);

        var report = await VerifyAsync(archive, _ => _mailbox.Session());

        Assert.False(report.Identical);
        Assert.Equal(
            [(Reason.FolderUnreadable.Code, 0L), (null, 1L)],
            report.Folders.Select(folder => (folder.Failure?.Code, folder.Matched))
        );
    }

    [Fact]
    public async Task A_folder_that_the_snapshot_lacks_is_missing_with_all_of_its_messages()
    {
        var archive = await BackedUpAsync(10);
        var sent = _mailbox.Add("Sent");
        for (var number = 0; number < 2_500; number++)
            sent.Add("Subject: sent\r\n\r\n"u8.ToArray());

        var report = await VerifyAsync(archive, _ => _mailbox.Session());

        var folder = report.Folders.Single(folder => !folder.Target.IsInbox);
        Assert.Equal((false, 2_500, 2_500, 0), (folder.TargetExists, folder.SourceMessages, folder.Missing, folder.TargetMessages));
        Assert.Single(report.Differences, difference => difference.Kind == DifferenceKind.Folder);
        Assert.Equal(2_500, report.Differences.Count(difference => difference.Kind == DifferenceKind.Missing));
    }

    [Fact]
    public async Task Messages_that_got_other_UIDs_since_are_missing_and_those_that_got_the_UIDs_of_others_are_altered()
    {
        var archive = await BackedUpAsync(2_000);
        var before = _mailbox.Folders.Single().Messages.Values.ToList();
        _mailbox.Folders.Clear();
        var renumbered = _mailbox.Add("INBOX", uidValidity: 2);
        foreach (var message in before)
            renumbered.Add(message.Bytes, message.Flags.ToString(), message.InternalDate, message.Uid.Value + 500);

        var folder = (await VerifyAsync(archive, _ => _mailbox.Session())).Folders.Single();

        Assert.Equal((500, 1_500, 500, 0), (folder.Missing, folder.Altered, folder.Extra, folder.Matched));
    }

    [Fact]
    public async Task What_was_compared_until_a_folder_failed_is_in_the_report()
    {
        var archive = await BackedUpAsync(3_000);
        var inbox = _mailbox.Folders.Single();
        inbox.Messages[5] = inbox.Messages[5] with { Bytes = "Subject: other\r\n\r\n"u8.ToArray() };

        var report = await VerifyAsync(
            archive,
            _ =>
            {
                var session = _mailbox.Session();
                session.BeforeMessage = uid =>
                {
                    if (uid.Value == 1_500)
                        throw new MailException(Reason.FolderMissing, "deleted meanwhile");
                };
                return session;
            }
        );

        var folder = report.Folders.Single();
        Assert.Equal(
            (Reason.FolderMissing.Code, 1_000, 999, 1),
            (folder.Failure?.Code, folder.SourceMessages, folder.Matched, folder.Altered)
        );
        Assert.Equal((DifferenceKind.Content, 5u), (Assert.Single(report.Differences).Kind, report.Differences[0].Uid!.Value));
    }

    [Fact]
    public async Task A_backup_of_POP3_is_compared_by_content_and_keeps_what_was_deleted()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var box = new MemoryPop3();
        for (var number = 0; number < 2_100; number++)
            box.Messages.Add(($"u{number}", Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\n")));
        await archive.BackUpPop3Async(box);
        box.Messages.RemoveRange(0, 50);
        box.Messages[1_500] = (box.Messages[1_500].Uidl, "Subject: other\r\n\r\n"u8.ToArray());
        box.Messages.Add(("new", "Subject: new\r\n\r\n"u8.ToArray()));

        var folder = (await VerifyAsync(archive, box.Session)).Folders.Single();

        Assert.Equal(
            (2_051, 2_100, 2_049, 1, 1, 50),
            (folder.SourceMessages, folder.TargetMessages, folder.Matched, folder.Altered, folder.Missing, folder.Extra)
        );
    }

    private async Task<MemoryArchive> BackedUpAsync(int messages)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var inbox = _mailbox.Add("INBOX");
        for (var number = 0; number < messages; number++)
            inbox.Add(Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\n"));
        await archive.BackUpAllAsync(_mailbox);
        return archive;
    }

    private static void Add(MemoryMailSource.Folder folder, Random random, int number) =>
        folder.Add(
            Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\n"),
            s_flags[random.Next(s_flags.Length)],
            DateTimeOffset.UnixEpoch.AddSeconds(random.Next(100_000)),
            folder.State.UidNext.Value + (uint)(random.Next(4) == 0 ? 2 : 0)
        );

    private static void Change(MemoryMailSource.Folder inbox, Random random)
    {
        foreach (var message in inbox.Messages.Values.Where(_ => random.Next(8) == 0).ToList())
        {
            inbox.LastUid = Uid.Higher(inbox.LastUid, message.Uid);
            switch (random.Next(4))
            {
                case 0:
                    inbox.Messages.Remove(message.Uid);
                    break;
                case 1:
                    inbox.Messages[message.Uid] = message with { Bytes = [.. message.Bytes, .. "more"u8] };
                    break;
                case 2:
                    inbox.Messages[message.Uid] = message with { Flags = FlagSet.Parse("\\Draft") };
                    break;
                default:
                    inbox.Messages[message.Uid] = message with { InternalDate = message.InternalDate.AddDays(1) };
                    break;
            }
        }
        // Below others that were there before, as some servers show them, and above all.
        foreach (var uid in inbox.Messages.Keys.Where(uid => random.Next(40) == 0 && !inbox.Messages.ContainsKey(uid.Next)).ToList())
            inbox.Add("Subject: between\r\n\r\n"u8.ToArray(), uid: uid.Next);
        for (var number = 5_000; number < 5_100; number++)
            Add(inbox, random, number);
    }

    /// <summary>All at once, by UID.</summary>
    private static IEnumerable<(Uid Uid, DifferenceKind Kind, string Actual)> Expected(
        MemoryMailSource.Folder source,
        Dictionary<Uid, MemoryMailSource.Message> archived,
        HashSet<Uid> withheld,
        HashSet<Uid> lost
    )
    {
        foreach (var (uid, message) in source.Messages)
        {
            var copy = archived.GetValueOrDefault(uid);
            if (withheld.Contains(uid))
                yield return (uid, DifferenceKind.Missing, "cannot be compared: the source lists it but fails to return it");
            else if (copy is null || lost.Contains(uid))
                yield return (uid, DifferenceKind.Missing, copy is null ? "not in the snapshot" : "the archive cannot return it");
            else
            {
                if (!message.Bytes.SequenceEqual(copy.Bytes))
                    yield return (
                        uid,
                        DifferenceKind.Content,
                        FormattableString.Invariant($"{copy.Bytes.Length:N0} bytes, {ContentId.Of(copy.Bytes)}")
                    );
                if (message.Flags != copy.Flags)
                    yield return (uid, DifferenceKind.Flags, copy.Flags.ToString());
                if (message.InternalDate != copy.InternalDate)
                    yield return (uid, DifferenceKind.InternalDate, copy.InternalDate.ToString("u", CultureInfo.InvariantCulture));
            }
        }
    }

    private static async Task<Snapshot> SnapshotAsync(MemoryArchive archive) =>
        await (await archive.OpenAsync()).ReadAsync((await archive.SnapshotsAsync())[^1], Stop);

    private static async Task<VerifyReport> VerifyAsync(MemoryArchive archive, Func<IUidMap, IMailSource> source)
    {
        var opened = await archive.OpenAsync();
        return await new BackupVerification(
            new Transfer("verify", MemoryArchive.Account, opened.Location, FolderRules.All, RunOptions.Default),
            (uidMap, _) => Task.FromResult(source(uidMap)),
            opened,
            await SnapshotAsync(archive),
            new ImmediateClock(),
            NullLogger.Instance
        ).RunAsync(new RunProgress(), Stop);
    }
}
