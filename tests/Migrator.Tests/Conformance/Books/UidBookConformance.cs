using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Conformance.Books;

/// <summary>What <see cref="IUidBook"/> promises, proved on whatever implements it.</summary>
public abstract class UidBookConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset s_seen = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>False for a book that is meant to keep nothing.</summary>
    protected virtual bool Keeps => true;

    /// <summary>Lends the book of one mailbox, each time with what was added the times before.</summary>
    protected abstract Task UseAsync(Func<IUidBook, Task> use);

    public virtual ValueTask InitializeAsync() => default;

    public virtual ValueTask DisposeAsync() => default;

    [Fact]
    public Task A_new_book_is_empty() => UseAsync(async book =>
    {
        Assert.Empty(await book.ReadAsync(Stop));
        Assert.Empty(await book.ContentsAsync(Stop));
    });

    [Fact]
    public async Task Entries_come_back_at_once_and_in_a_book_that_is_opened_again()
    {
        UidEntry[] first = [Entry("uidl:a", 1), Entry("uidl:b", 2)], second = [Entry("sha256:00ff", 3)];
        await UseAsync(async book =>
        {
            await book.AddAsync(first, Stop);
            await ShouldHoldAsync(book, first);
            await book.AddAsync(second, Stop);
            await ShouldHoldAsync(book, [.. first, .. second]);
        });

        await UseAsync(book => ShouldHoldAsync(book, [.. first, .. second]));
    }

    [Fact]
    public async Task What_is_added_later_joins_what_is_there()
    {
        for (uint time = 1; time <= 3; time++)
        {
            var uid = time;
            await UseAsync(async book =>
            {
                Assert.Equal(Keeps ? (int)uid - 1 : 0, (await book.ReadAsync(Stop)).Count);
                await book.AddAsync([Entry($"uidl:{uid}", uid)], Stop);
            });
        }
    }

    [Fact]
    public async Task Odd_keys_stay_apart_and_come_back_as_they_are()
    {
        string[] keys =
        [
            "uidl:A", "uidl:a", "uidl:", "uidl: ", "uidl:a ", "uidl:'; DROP TABLE uid_book; --", "uidl:\"\\%_", "uidl:ü", "uidl:u\u0308",
                "uidl:日本", $"uidl:{new string('x', 500)}", "uidl:!~",
            BookMark.Size(1, long.MaxValue), BookMark.Gone(1, 1), BookMark.Back(1, 1), BookMark.Leaving(1),
        ];
        UidEntry[] entries = [.. keys.Select((key, index) => Entry(key, (uint)index + 1))];
        await UseAsync(book => book.AddAsync(entries, Stop));

        await UseAsync(book => ShouldHoldAsync(book, entries));
    }

    [Fact]
    public async Task Far_UIDs_and_moments_come_back()
    {
        UidEntry[] entries = [new("uidl:high", uint.MaxValue, DateTimeOffset.UnixEpoch), new("uidl:low", 1, new DateTimeOffset(2100, 12,
            31, 23, 59, 59, TimeSpan.Zero))];
        await UseAsync(book => book.AddAsync(entries, Stop));

        await UseAsync(book => ShouldHoldAsync(book, entries));
    }

    [Fact]
    public async Task Nothing_may_be_added()
    {
        await UseAsync(book => book.AddAsync([], Stop));

        await UseAsync(book => ShouldHoldAsync(book, []));
    }

    [Fact]
    public async Task Many_entries_come_back()
    {
        UidEntry[] entries = [.. Enumerable.Range(1, 5_000).Select(number => Entry($"uidl:{number:x8}", (uint)number))];
        await UseAsync(book => book.AddAsync(entries, Stop));

        await UseAsync(book => ShouldHoldAsync(book, entries));
    }

    [Fact]
    public async Task What_is_cancelled_is_not_added()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await UseAsync(async book =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => book.AddAsync([Entry("uidl:a", 1)], cancelled.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => book.ReadAsync(cancelled.Token));
            Assert.Empty(await book.ReadAsync(Stop));
        });

        await UseAsync(book => ShouldHoldAsync(book, []));
    }

    [Fact]
    public async Task Of_messages_that_were_never_read_no_content_is_known()
    {
        await UseAsync(book => book.AddAsync([Entry("uidl:a", 1), Entry("uidl:b", 2)], Stop));

        await UseAsync(async book => Assert.Empty(await book.ContentsAsync(Stop)));
    }

    private static UidEntry Entry(string key, uint uid) => new(key, uid, s_seen.AddMinutes(uid));

    private async Task ShouldHoldAsync(IUidBook book, IReadOnlyList<UidEntry> entries) =>
        Assert.Equal(Keeps ? entries.OrderBy(entry => entry.Uid) : [], (await book.ReadAsync(Stop)).OrderBy(entry => entry.Uid));
}
