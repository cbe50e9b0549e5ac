using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Many mailboxes with mail in common, side by side into one archive, as a worker does it and several workers do.</summary>
public sealed class SideBySideTests
{
    private const int Mailboxes = 30;
    private const int AtOnce = 8;
    private const int Days = 3;

    // Nothing, or one operation of each of so many runs in a row fails: a snapshot, an index, a pack, a lease, whatever it hits.
    private static readonly int[] s_faulty = [.. Enumerable.Range(1, 60).Select(number => number * 11)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<int, bool, bool> Cases => new MatrixTheoryData<int, bool, bool>([1, 2], [false, true], [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_mailbox_comes_out_as_it_went_in(int workers, bool encrypted, bool faulty)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        var (failures, nextFault) = (0, -1);
        // Another store for each: each counts its operations by itself, and fails at another one.
        archive.Through = faulty
            ? store =>
                s_faulty.Aggregate(
                    store,
                    (inner, number) =>
                        new FaultyBlobStore(inner, new Faults(number + Interlocked.Increment(ref nextFault), (FaultMoment)(number % 3)))
                )
            : store => store;
        using var ended = new CancellationTokenSource();
        var passing = faulty ? PassAsync(archive, ended.Token) : Task.CompletedTask;
        var opened = new List<Archive>();
        while (opened.Count < workers)
        {
            try
            {
                opened.Add(await archive.OpenAsync());
            }
            catch (StorageException exception) when (faulty && exception.Reason == Reason.StoreUnreachable)
            {
                failures++;
            }
        }
        var mailboxes = Enumerable.Range(0, Mailboxes).Select(Mailbox).ToList();
        for (var day = 0; day < Days; day++)
        {
            foreach (var (number, mailbox) in mailboxes.Index())
                Deliver(mailbox, number, day);
            await Parallel.ForEachAsync(
                mailboxes.Index(),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce * workers, CancellationToken = Stop },
                async (entry, _) =>
                {
                    for (
                        var attempt = 1;
                        !await TryAsync(archive, opened[entry.Index % workers], Account(entry.Index), entry.Item, faulty);
                        attempt++
                    )
                    {
                        Interlocked.Increment(ref failures);
                        Assert.True(attempt < 200, "It never comes to an end.");
                    }
                }
            );
            archive.Time.Advance(TimeSpan.FromDays(1));
        }

        await ended.CancelAsync();
        await passing;
        Assert.True(failures > 10 == faulty, $"{failures} runs failed.");
        archive.Through = store => store;
        await archive.ShouldBeSoundAsync();
        foreach (var (number, mailbox) in mailboxes.Index())
            await archive.NewestShouldEqualAsync(mailbox, Account(number));
        // And by those who have had it open all the time: what they share says the same.
        foreach (var (number, mailbox) in mailboxes.Index().Where(_ => !faulty))
            MailboxImage.ShouldEqual(
                await MailboxImage.TakeAsync(mailbox, Stop),
                await archive.RestoreAsync((await archive.SnapshotsAsync(Account(number)))[^1], opened[number % workers])
            );
    }

    private static string Account(int number) => $"user{number}@old.example";

    private static async Task<bool> TryAsync(MemoryArchive archive, Archive opened, string account, MemoryMailSource mailbox, bool faulty)
    {
        try
        {
            return (await archive.BackUpAsync(mailbox.Session, account, connections: 3, opened: opened)).Outcome == RunOutcome.Complete;
        }
        catch (StorageException exception)
            when (faulty && (exception.Reason == Reason.StoreUnreachable || exception.Reason == Reason.ArchiveInUse))
        {
            return false;
        }
    }

    /// <summary>Notes that could not be taken back are waited for: the clock must continue.</summary>
    private static async Task PassAsync(MemoryArchive archive, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            archive.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, CancellationToken.None);
        }
    }

    private static MemoryMailSource Mailbox(int number)
    {
        var mailbox = new MemoryMailSource();
        foreach (var name in new[] { "INBOX", "Sent", "Archive/2025" })
            mailbox.Add(name, uidValidity: (uint)number + 1).HighestModSeq = 1;
        return mailbox;
    }

    /// <summary>Some mail of one's own, some that everybody gets, and some that goes job run.</summary>
    private static void Deliver(MemoryMailSource mailbox, int number, int day)
    {
        var random = new Random((number * Days) + day);
        foreach (var folder in mailbox.Folders)
        {
            for (var count = 0; count < 12; count++)
            {
                var words = random.Next(3) switch
                {
                    0 => $"own {number}",
                    1 => "to all",
                    _ => $"to some {random.Next(4)}",
                };
                folder.Add(
                    Encoding.ASCII.GetBytes(
                        $"Subject: {count} of day {day}\r\n\r\n{string.Concat(Enumerable.Repeat($"{words}\r\n", 40 * count))}"
                    ),
                    random.Next(2) == 0 ? "\\Seen" : ""
                );
            }
            folder.HighestModSeq++;
        }
    }
}
