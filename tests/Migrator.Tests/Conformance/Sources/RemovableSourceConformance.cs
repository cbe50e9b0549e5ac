using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Conformance.Sources;

/// <summary>What <see cref="IDeletableSource"/> promises beyond <see cref="IMailSource"/>.</summary>
public abstract class RemovableSourceConformance : MailSourceConformance
{
    [Fact]
    public async Task Exactly_what_is_named_is_removed_and_the_session_ends()
    {
        await FillAsync(1, 5);
        var session = await OpenRemovableAsync();
        var uids = await session.ListUidsAsync(0, Stop);

        await session.RemoveAsync([uids[3], uids[1], uids[3], new Uid(uids[^1].Value + 9)], Stop);

        var refused = await Record.ExceptionAsync(() => session.ListUidsAsync(0, Stop));
        Assert.True(refused is ObjectDisposedException or MailException { Reason.Scope: >= FailureScope.Session }, $"{refused}");
        Assert.Equal([uids[0], uids[2], uids[4]], await (await OpenRemovableAsync()).ListUidsAsync(0, Stop));
    }

    [Fact]
    public async Task Without_a_removal_a_session_that_ends_removes_nothing()
    {
        await FillAsync(1, 2);
        var session = await OpenRemovableAsync();
        await session.FetchAsync(await session.ListUidsAsync(0, Stop), new HashingSink((_, _, _, _) => { }), Stop);
        await session.DisposeAsync();

        Assert.Equal(2, (await (await OpenRemovableAsync()).ListUidsAsync(0, Stop)).Count);
    }

    [Fact]
    public async Task What_is_cancelled_before_it_begins_removes_nothing()
    {
        await FillAsync(1, 2);
        var session = await OpenRemovableAsync();
        var uids = await session.ListUidsAsync(0, Stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.RemoveAsync(uids, new CancellationToken(canceled: true)));
        await session.DisposeAsync();

        Assert.Equal(uids, await (await OpenRemovableAsync()).ListUidsAsync(0, Stop));
    }

    [Fact]
    public async Task UIDs_of_what_was_removed_are_not_given_again()
    {
        await FillAsync(1, 2);
        var session = await OpenRemovableAsync();
        var uids = await session.ListUidsAsync(0, Stop);
        await session.RemoveAsync([uids[1]], Stop);
        await FillAsync(3, 1);

        Assert.Equal([uids[0], uids[1].Next], await (await OpenRemovableAsync()).ListUidsAsync(0, Stop));
    }

    [Fact]
    public async Task A_size_fits_once_the_message_was_read_in_the_session()
    {
        await FillAsync(1, 3);
        var session = await OpenRemovableAsync();
        var uids = await session.ListUidsAsync(0, Stop);
        Assert.All(uids, uid => Assert.False(session.SizeFits(uid)));

        await session.FetchAsync(uids, new HashingSink((_, _, _, _) => { }), Stop);

        Assert.All(uids, uid => Assert.True(session.SizeFits(uid)));
        Assert.False(session.SizeFits(uids[^1].Next));
    }

    private async Task<IDeletableSource> OpenRemovableAsync() => Assert.IsType<IDeletableSource>(await OpenAsync(), exactMatch: false);
}
