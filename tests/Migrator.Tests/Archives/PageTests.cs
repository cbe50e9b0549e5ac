using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Mail;
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
        Assert.Equal([4096, 4096, 1808], _before.Select(page => page.Count));
    }

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task Reading_mail_writes_no_identity_anew()
    {
        foreach (var uid in new uint[] { 1, 2, 4096, 5000 })
            _inbox.Messages[uid] = _inbox.Messages[uid] with { Flags = FlagSet.Parse("\\Seen $Read") };

        var now = await PagesAsync();

        Assert.Equal(_before.Select(page => page.Identity), now.Select(page => page.Identity));
        Assert.Equal([true, true, false], Differ(now, page => page.Flags));
    }

    [Fact]
    public async Task A_new_message_writes_the_last_page_anew()
    {
        _inbox.Add("new"u8.ToArray());

        var now = await PagesAsync();

        Assert.Equal([false, false, true], Differ(now, page => page.Identity));
        Assert.Equal([false, false, true], Differ(now, page => page.Flags));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(4096, 0)]
    [InlineData(4097, 1)]
    [InlineData(6000, 1)]
    [InlineData(9999, 2)]
    [InlineData(10_000, 2)]
    public async Task A_message_that_is_gone_writes_its_page_anew(uint uid, int page)
    {
        _inbox.LastUid = Messages;
        _inbox.Messages.Remove(uid);

        Assert.Equal(Enumerable.Range(0, 3).Select(number => number == page), Differ(await PagesAsync(), each => each.Identity));
    }

    [Fact]
    public async Task Years_of_deliveries_and_deletions_do_not_leave_a_page_for_every_few_messages()
    {
        var random = new Random(5);
        for (var night = 0; night < 30; night++)
        {
            _inbox.LastUid = _inbox.State.UidNext - 1;
            foreach (var uid in _inbox.Messages.Keys.Where(_ => random.Next(10) == 0).ToList())
                _inbox.Messages.Remove(uid);
            for (var count = random.Next(600); count > 0; count--)
                _inbox.Add(Encoding.ASCII.GetBytes($"{count % 100}"));
            var pages = await PagesAsync();
            // All but the last are at least a quarter full.
            Assert.DoesNotContain(pages.SkipLast(1), page => page.Count < 1024);
        }
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

    private IEnumerable<bool> Differ(IReadOnlyList<SnapshotPage> now, Func<SnapshotPage, ContentId> part)
    {
        Assert.Equal(_before.Count, now.Count);
        return _before.Zip(now, (old, page) => part(old) != part(page));
    }
}
