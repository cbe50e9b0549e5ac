using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>UIDs where the protocol has none: each message keeps its own from session to session.</summary>
public sealed class Pop3UidTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UIDs_stay_after_deletions_in_between()
    {
        var box = new Pop3Box(servers.Old);
        await FillAsync(box, 0, 5);
        var before = await box.ReadAsync(cancellationToken: Stop);
        await DeleteAsync(box, "2,5");
        await FillAsync(box, 5, 2);

        var after = await box.ReadAsync(cancellationToken: Stop);

        Assert.Equal([1u, 2, 3, 4, 5], before.Keys);
        Assert.Equal([1u, 3, 4, 6, 7], after.Keys);
        Assert.All(after.Keys.Intersect(before.Keys), uid => Assert.Equal(before[uid], after[uid]));
        Assert.All(box.UidMap.Entries.Where(entry => !UidMapMark.Is(entry.Key)), entry => Assert.StartsWith("uidl:", entry.Key));
        await using var session = await box.ConnectAsync(cancellationToken: Stop);
        Assert.Equal(new FolderState(1, 8, 0, 5), await session.OpenAsync(FolderPath.Inbox, Stop));
    }

    [Fact]
    public async Task Without_UIDL_the_content_tells_and_twins_stay_two()
    {
        var box = new Pop3Box(servers.Old);
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port) { FromServer = text => text.Replace("UIDL\r\n", "") };
        await FillAsync(box, 0, 2);
        await FillAsync(box, 0, 1);

        await StaysAsync(box, proxy.Port);

        Assert.All(box.UidMap.Entries, entry => Assert.StartsWith("sha256:", entry.Key));
    }

    [Fact]
    public async Task A_server_older_than_CAPA_is_asked_for_UIDL()
    {
        var box = new Pop3Box(servers.Old);
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port)
        {
            FromServer = text => text.StartsWith("+OK\r\nCAPA") ? "-ERR Unknown command.\r\n" : text,
        };
        await FillAsync(box, 0, 2);

        Assert.Equal([1u, 2], (await box.ReadAsync(proxy.Port, Stop)).Keys);

        Assert.All(box.UidMap.Entries, entry => Assert.StartsWith("uidl:", entry.Key));
    }

    [Fact]
    public async Task A_server_that_leaves_UIDL_out_of_what_it_can_do_is_asked_for_the_ids_that_it_gave()
    {
        var box = new Pop3Box(servers.Old);
        await FillAsync(box, 0, 2);
        await box.ReadAsync(cancellationToken: Stop);
        await using var proxy = new LoopbackProxy(servers.Old.Pop3Port) { FromServer = text => text.Replace("UIDL\r\n", "") };
        await using var session = await box.ConnectAsync(proxy.Port, Stop);

        await session.OpenAsync(FolderPath.Inbox, Stop);

        Assert.Equal([1u, 2u], (await session.ListUidsAsync(1, Stop)).Select(uid => uid.Value));
        Assert.Equal(2, box.UidMap.Entries.Count);
    }

    [Fact]
    public async Task A_UIDL_that_messages_share_names_none_of_them()
    {
        await using var server = await DovecotServer.StartAsync(new DovecotOptions(UidlFormat: "%v"));
        var box = new Pop3Box(server);
        await FillAsync(box, 0, 2);
        await FillAsync(box, 0, 1);

        await StaysAsync(box, 0);
    }

    /// <summary>Three messages, the first and the last of the same content; of them, the second goes and then the first.</summary>
    private static async Task StaysAsync(Pop3Box box, int port)
    {
        var before = await box.ReadAsync(port, Stop);
        Assert.Equal(3, before.Count);
        Assert.Equal(before.Values.First(), before.Values.Last());
        var again = await box.ReadAsync(port, Stop);
        Assert.Equal(before, again);

        await DeleteAsync(box, "2");
        var less = await box.ReadAsync(port, Stop);
        Assert.Equal([before.Keys.First(), before.Keys.Last()], less.Keys);

        // Of twins nobody can tell which one went.
        await DeleteAsync(box, "1");
        var least = Assert.Single(await box.ReadAsync(port, Stop));
        Assert.Contains(least.Key, before.Keys);
        Assert.Equal(before.Values.First(), least.Value);
    }

    private static async Task FillAsync(Pop3Box box, int from, int count)
    {
        await using var imap = await box.ImapAsync();
        await Letters.FillAsync(imap, "INBOX", from, count);
    }

    private static async Task DeleteAsync(Pop3Box box, string uids)
    {
        await using var imap = await box.ImapAsync();
        await imap.DeleteAsync("INBOX", uids);
    }
}
