using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>Deleting at the source: exactly what was asked for, and only when the server says so.</summary>
public sealed class Pop3RemoveTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Exactly_these_are_deleted()
    {
        var box = await ArrangeAsync(250);
        await using (var session = await box.OpenAsync(cancellationToken: Stop))
            await session.RemoveAsync([.. Enumerable.Range(1, 240).Where(uid => uid % 2 == 0).Select(uid => (uint)uid), 9_999], Stop);

        Assert.Equal(
            Enumerable.Range(1, 250).Where(uid => uid % 2 == 1 || uid > 240).Select(uid => new Uid((uint)uid)),
            (await box.ReadAsync(cancellationToken: Stop)).Keys
        );
    }

    [Fact]
    public async Task Reading_deletes_nothing()
    {
        var box = await ArrangeAsync(2);
        await box.ReadAsync(cancellationToken: Stop);

        Assert.Equal(2, (await box.ReadAsync(cancellationToken: Stop)).Count);
    }

    [Theory]
    [InlineData("QUIT")]
    [InlineData("DELE 2")]
    public async Task A_connection_cut_before_the_end_deletes_nothing(string command)
    {
        var box = await ArrangeAsync(3);
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            CutWhen = (fromServer, text) => !fromServer && text.Contains(command),
        };

        await FailsAsync(box, proxy, Reason.ConnectionLost);

        Assert.Equal(3, (await box.ReadAsync(cancellationToken: Stop)).Count);
    }

    [Fact]
    public async Task An_answer_to_QUIT_that_is_lost_counts_as_a_failure()
    {
        var box = await ArrangeAsync(3);
        // Dovecot deletes here; nobody learns of it.
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            CutWhen = (fromServer, text) => fromServer && text.Contains("Logging out"),
        };

        await FailsAsync(box, proxy, Reason.ConnectionLost);
    }

    [Fact]
    public async Task A_refused_QUIT_counts_as_a_failure()
    {
        var box = await ArrangeAsync(3);
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            FromServer = text => text.Replace("+OK Logging out, messages deleted.", "-ERR some deleted messages not removed"),
        };

        await FailsAsync(box, proxy, Reason.DeletionRefused);
    }

    [Fact]
    public async Task A_refused_DELE_deletes_nothing_at_all()
    {
        var box = await ArrangeAsync(3);
        var refused = false;
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            FromServer = text =>
            {
                if (refused || !text.Contains("+OK Marked to be deleted."))
                    return text;
                refused = true;
                return "-ERR" + text[3..];
            },
        };

        await FailsAsync(box, proxy, Reason.DeletionRefused);

        Assert.Equal(3, (await box.ReadAsync(cancellationToken: Stop)).Count);
    }

    private static async Task FailsAsync(Pop3Box box, LoopbackProxy proxy, Reason reason)
    {
        await using var session = await box.OpenAsync(proxy.Port, Stop);

        var exception = await Assert.ThrowsAsync<MailException>(() => session.RemoveAsync([1, 2], Stop));

        Assert.Equal(reason, exception.Reason);
    }

    private async Task<Pop3Box> ArrangeAsync(int count)
    {
        var box = new Pop3Box(servers.Old);
        await using var imap = await box.ImapAsync();
        await Letters.FillAsync(imap, "INBOX", 0, count);
        return box;
    }
}
