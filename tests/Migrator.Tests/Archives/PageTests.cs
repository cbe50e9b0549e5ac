using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>What did not change is the same page, night after night.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private const int Messages = 10_000;

    private readonly MemoryMailSource _mailbox = new();
    private MemoryMailSource.Folder _inbox = null!;
    private MemoryArchive _archive = null!;
    private IReadOnlyList<SnapshotPage> _before = null!;

    public async ValueTask InitializeAsync()
    {
        _archive = await MemoryArchive.CreateAsync(encrypted: false);
        _inbox = _mailbox.Add("INBOX");
        for (var number = 1; number <= Messages; number++)
            _inbox.Add(Encoding.ASCII.GetBytes($"{number % 100}"), number % 3 == 0 ? "\\Seen" : "");
        _before = await PagesAsync();
        Assert.Equal([.. Enumerable.Repeat(1024, 9), 784], _before.Select(page => page.Count));
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Reading_mail_writes_no_identity_again()
    {
        foreach (var uid in new Uid[] { 1, 2, 1024, 5000 })
            _inbox.Messages[uid] = _inbox.Messages[uid] with { Flags = FlagSet.Parse("\\Seen $Read") };

        var now = await PagesAsync();

        Assert.Equal(_before.Select(page => page.Identity), now.Select(page => page.Identity));
        Assert.Equal([0, 4], Differ(now, page => page.Flags));
    }

    [Fact]
    public async Task A_new_message_writes_itself_alone()
    {
        _inbox.Add("new"u8.ToArray());
        var stored = _archive.Store.Blobs.Keys.ToHashSet();

        var now = await PagesAsync();

        Assert.Equal(_before, now.Take(_before.Count));
        Assert.Equal(1, now[^1].Count);
        Assert.InRange(
            _archive
                .Store.Blobs.Where(blob => !stored.Contains(blob.Key) && blob.Key.StartsWith("pages/", StringComparison.Ordinal))
                .Sum(blob => blob.Value.Length),
            1,
            2048
        );
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1024, 0)]
    [InlineData(1025, 1)]
    [InlineData(9999, 9)]
    [InlineData(10_000, 9)]
    public async Task A_message_that_is_gone_writes_the_flags_of_its_page_again_and_comes_back_with_no_page(uint uid, int page)
    {
        _inbox.LastUid = Messages;
        _inbox.Messages.Remove(uid);

        var now = await PagesAsync();

        Assert.Empty(Differ(now, each => each.Identity));
        Assert.Equal([page], Differ(now, each => each.Flags));
        Assert.Equal(_before[page].Count - 1, now[page].Count);
        _inbox.Add("new"u8.ToArray());
        Assert.Equal(now, (await PagesAsync()).SkipLast(1));
    }

    [Fact]
    public async Task A_page_of_which_more_than_a_quarter_is_gone_is_rewritten_and_one_of_which_all_is_gone_goes()
    {
        for (uint uid = 1; uid <= 2048; uid++)
        {
            if (uid > 1024 || uid % 3 == 0)
                _inbox.Messages.Remove(uid);
        }

        var now = await PagesAsync();

        Assert.Equal([683, .. Enumerable.Repeat(1024, 7), 784], now.Select(page => page.Count));
        Assert.NotEqual(_before[0].Identity, now[0].Identity);
        Assert.Equal(_before.Skip(2), now.Skip(1));
    }

    [Fact]
    public async Task Years_of_deliveries_and_deletions_leave_few_pages_and_write_each_message_few_times()
    {
        var (random, written, added) = (new Random(5), 0L, 0);
        for (var night = 0; night < 60; night++)
        {
            _inbox.LastUid = _inbox.State.UidNext.Value - 1;
            foreach (var uid in _inbox.Messages.Keys.Where(_ => random.Next(20) == 0).ToList())
                _inbox.Messages.Remove(uid);
            for (var count = random.Next(60); count > 0; count--, added++)
                _inbox.Add(Encoding.ASCII.GetBytes($"{count % 100}"));
            var before = _before;
            _before = await PagesAsync();
            written += _before.Where(page => before.All(old => old.Identity != page.Identity)).Sum(page => page.Count);
            Assert.InRange(_before.Count, 1, (_before.Sum(page => page.Count) / 400) + 10);
        }
        // Those that were there at the beginning were rewritten about three times, as pages lose a quarter.
        Assert.InRange(written, added, (10 * added) + (4 * Messages));
    }

    private async Task<IReadOnlyList<SnapshotPage>> PagesAsync()
    {
        _archive.Time.Advance(TimeSpan.FromDays(1));
        await _archive.BackUpAllAsync(_mailbox);
        await _archive.NewestShouldEqualAsync(_mailbox);
        var archive = await _archive.OpenAsync();
        var snapshot = await archive.ReadAsync((await _archive.SnapshotsAsync())[^1], TestContext.Current.CancellationToken);
        return snapshot.Folders.Single().Pages;
    }

    private IEnumerable<int> Differ(IReadOnlyList<SnapshotPage> now, Func<SnapshotPage, ContentId> part)
    {
        Assert.Equal(_before.Count, now.Count);
        return Enumerable.Range(0, now.Count).Where(page => part(_before[page]) != part(now[page]));
    }
}
