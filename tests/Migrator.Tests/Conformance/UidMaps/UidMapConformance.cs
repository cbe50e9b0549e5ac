using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Conformance.UidMaps;

/// <summary>What <see cref="IUidMap"/> promises, proved on whatever implements it.</summary>
public abstract class UidMapConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset s_seen = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>False for a UID map that is meant to keep nothing.</summary>
    protected virtual bool Keeps => true;

    /// <summary>Lends the UID map of one mailbox, each time with what was added the times before.</summary>
    protected abstract Task UseAsync(Func<IUidMap, Task> use);

    public virtual ValueTask InitializeAsync() => default;

    public virtual ValueTask DisposeAsync() => default;

    [Fact]
    public Task A_new_book_is_empty() =>
        UseAsync(async uidMap =>
        {
            Assert.Empty(await uidMap.ReadAsync(Stop));
            Assert.Empty(await uidMap.ContentsAsync(Stop));
        });

    [Fact]
    public async Task Entries_come_back_at_once_and_in_a_book_that_is_opened_again()
    {
        UidMapEntry[] first = [Entry("uidl:a", 1), Entry("uidl:b", 2)],
            second = [Entry("sha256:00ff", 3)];
        await UseAsync(async uidMap =>
        {
            await uidMap.AddAsync(first, Stop);
            await ShouldHoldAsync(uidMap, first);
            await uidMap.AddAsync(second, Stop);
            await ShouldHoldAsync(uidMap, [.. first, .. second]);
        });

        await UseAsync(uidMap => ShouldHoldAsync(uidMap, [.. first, .. second]));
    }

    [Fact]
    public async Task What_is_added_later_joins_what_is_there()
    {
        for (uint time = 1; time <= 3; time++)
        {
            var uid = time;
            await UseAsync(async uidMap =>
            {
                Assert.Equal(Keeps ? (int)uid - 1 : 0, (await uidMap.ReadAsync(Stop)).Count);
                await uidMap.AddAsync([Entry($"uidl:{uid}", uid)], Stop);
            });
        }
    }

    [Fact]
    public async Task Odd_keys_stay_apart_and_come_back_as_they_are()
    {
        string[] keys =
        [
            "uidl:A",
            "uidl:a",
            "uidl:",
            "uidl: ",
            "uidl:a ",
            "uidl:'; DROP TABLE uid_book; --",
            "uidl:\"\\%_",
            "uidl:ü",
            "uidl:u\u0308",
            "uidl:日本",
            $"uidl:{new string('x', 500)}",
            "uidl:!~",
            UidMapMark.Size(1, long.MaxValue),
            UidMapMark.Gone(1, 1),
            UidMapMark.Back(1, 1),
            UidMapMark.Leaving(1),
        ];
        UidMapEntry[] entries = [.. keys.Select((key, index) => Entry(key, (uint)index + 1))];
        await UseAsync(uidMap => uidMap.AddAsync(entries, Stop));

        await UseAsync(uidMap => ShouldHoldAsync(uidMap, entries));
    }

    [Fact]
    public async Task Far_UIDs_and_moments_come_back()
    {
        UidMapEntry[] entries =
        [
            new("uidl:high", Uid.Max, DateTimeOffset.UnixEpoch),
            new("uidl:low", 1, new DateTimeOffset(2100, 12, 31, 23, 59, 59, TimeSpan.Zero)),
        ];
        await UseAsync(uidMap => uidMap.AddAsync(entries, Stop));

        await UseAsync(uidMap => ShouldHoldAsync(uidMap, entries));
    }

    [Fact]
    public async Task Nothing_may_be_added()
    {
        await UseAsync(uidMap => uidMap.AddAsync([], Stop));

        await UseAsync(uidMap => ShouldHoldAsync(uidMap, []));
    }

    [Fact]
    public async Task Many_entries_come_back()
    {
        UidMapEntry[] entries = [.. Enumerable.Range(1, 5_000).Select(number => Entry($"uidl:{number:x8}", (uint)number))];
        await UseAsync(uidMap => uidMap.AddAsync(entries, Stop));

        await UseAsync(uidMap => ShouldHoldAsync(uidMap, entries));
    }

    [Fact]
    public async Task What_is_cancelled_is_not_added()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await UseAsync(async uidMap =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => uidMap.AddAsync([Entry("uidl:a", 1)], cancelled.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => uidMap.ReadAsync(cancelled.Token));
            Assert.Empty(await uidMap.ReadAsync(Stop));
        });

        await UseAsync(uidMap => ShouldHoldAsync(uidMap, []));
    }

    [Fact]
    public async Task Of_messages_that_were_never_read_no_content_is_known()
    {
        await UseAsync(uidMap => uidMap.AddAsync([Entry("uidl:a", 1), Entry("uidl:b", 2)], Stop));

        await UseAsync(async uidMap => Assert.Empty(await uidMap.ContentsAsync(Stop)));
    }

    private static UidMapEntry Entry(string key, Uid uid) => new(key, uid, s_seen.AddMinutes(uid.Value));

    private async Task ShouldHoldAsync(IUidMap uidMap, IReadOnlyList<UidMapEntry> entries) =>
        Assert.Equal(Keeps ? entries.OrderBy(entry => entry.Uid) : [], (await uidMap.ReadAsync(Stop)).OrderBy(entry => entry.Uid));
}
