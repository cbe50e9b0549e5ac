using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>A backup knows pages by what changed in them; what it writes is what the rules say of all messages of the folder.</summary>
public sealed class PageModelTests
{
    private const int Nights = 25;

    private static readonly string[] s_flags = ["", "\\Seen", "\\Seen \\Flagged", "\\Answered $Label", "$label", "$LABEL"];

    private readonly MemoryMailSource _mailbox = new();
    private MemoryMailSource.Folder _inbox = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="isOpen">The index stays open, so that messages are not looked for again.</param>
    [Theory]
    [InlineData(1, false, true)]
    [InlineData(2, true, true)]
    [InlineData(3, true, false)]
    [InlineData(4, false, false)]
    public async Task Pages_of_many_snapshots_are_those_of_the_model(int seed, bool isOpen, bool hasModSeq)
    {
        var random = new Random(seed);
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        var opened = await archive.OpenAsync();
        _inbox = _mailbox.Add("INBOX");
        for (var number = 0; number < 5000; number++)
            Add(random, _inbox.State.UidNext.Value + (uint)(random.Next(3) == 0 ? 3 : 0));
        var model = new PageModel();
        IReadOnlyList<SnapshotPage> before = [];
        var (rewritten, kept) = (0, 0);
        for (var night = 1; night <= Nights; night++)
        {
            archive.Time.Advance(TimeSpan.FromDays(1));
            await archive.BackUpAsync(_mailbox.Session, opened: isOpen ? opened : null);
            var reading = await archive.OpenAsync();
            var folder = (await reading.ReadAsync((await archive.SnapshotsAsync())[^1], Stop)).Folders.Single();

            Assert.Equal(model.Write([.. _inbox.Messages.Values.Select(Archived)], before), folder.Pages);
            Assert.Equal(
                (_inbox.Messages.Count, _inbox.Messages.Values.Sum(message => (long)message.Bytes.Length)),
                (folder.Count, folder.Bytes)
            );
            await archive.NewestShouldEqualAsync(_mailbox);

            kept += folder.Pages.Count(page => before.Any(old => old.Identity == page.Identity && old.Flags != page.Flags));
            rewritten += before.Count(old => folder.Pages.All(page => page.Identity != old.Identity));
            before = folder.Pages;
            Change(random, hasModSeq);
        }
        // Enough of each, or the nights were not what they were meant to be.
        Assert.True(kept > Nights && rewritten > Nights, $"{kept} pages with other flags, {rewritten} rewritten.");
        await archive.ShouldBeSoundAsync();
    }

    private void Change(Random random, bool hasModSeq)
    {
        _inbox.LastUid = _inbox.State.UidNext.Value - 1;
        _inbox.HighestModSeq += hasModSeq ? 1UL : 0;
        var uids = _inbox.Messages.Keys.ToList();
        switch (random.Next(8))
        {
            case 0:
                // Much of a part of the folder goes.
                var first = random.Next(uids.Count);
                foreach (var uid in uids.Skip(first).Take(random.Next(1500)).Where(_ => random.Next(3) > 0))
                    _inbox.Messages.Remove(uid);
                break;
            case 1:
                foreach (var uid in uids.Skip(random.Next(uids.Count)).Take(2000))
                    _inbox.Messages[uid] = _inbox.Messages[uid] with { Flags = FlagSet.Parse("\\Seen") };
                break;
            case 2:
                // Some servers show messages below others that they showed before.
                foreach (var uid in uids.Where(uid => random.Next(200) == 0 && !_inbox.Messages.ContainsKey(uid.Next)).ToList())
                    Add(random, uid.Next);
                break;
        }
        foreach (var uid in uids.Where(uid => random.Next(100) == 0))
            _inbox.Messages.Remove(uid);
        foreach (var uid in uids.Where(uid => random.Next(500) == 0 && _inbox.Messages.ContainsKey(uid)))
            _inbox.Messages[uid] = _inbox.Messages[uid] with { Flags = FlagSet.Parse(s_flags[random.Next(s_flags.Length)]) };
        for (var count = random.Next(4) == 0 ? random.Next(1500) : random.Next(12); count > 0; count--)
            Add(random, _inbox.State.UidNext.Value + (uint)(random.Next(5) == 0 ? 2 : 0));
    }

    private void Add(Random random, Uid uid) =>
        // Of few contents: twins are two messages.
        _inbox.Add(
            Encoding.ASCII.GetBytes($"Subject: {random.Next(700)}\r\n\r\n"),
            s_flags[random.Next(s_flags.Length)],
            DateTimeOffset.UnixEpoch.AddSeconds(random.Next(100_000)).ToOffset(TimeSpan.FromHours(random.Next(3))),
            uid
        );

    private static ArchivedMessage Archived(MemoryMailSource.Message message) =>
        new(message.Uid, ContentId.Of(message.Bytes), message.Bytes.Length, message.InternalDate, null, message.Flags);
}
