using System.Text.RegularExpressions;
using Migrator.Core.Reports;
using Migrator.Tests.Corpus;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>Servers that lack what others have, or refuse what others take.</summary>
public sealed partial class ServerKindsTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_MULTIAPPEND_appends_are_pipelined_or_go_one_by_one(bool literalPlus)
    {
        await using var target = await DovecotServer.StartAsync(
            new DovecotOptions(Hidden: literalPlus ? ["MULTIAPPEND"] : ["MULTIAPPEND", "LITERAL+"])
        );
        await using var harness = new Harness(servers.Old, target);
        await ArrangeAsync(harness);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task Pipelined_appends_do_not_wait_for_each_other()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["MULTIAPPEND"]));
        var (sent, answered, most) = (0, 0, 0);
        await using var proxy = new LoopbackProxy(target.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (fromServer)
                    answered += AppendUid().Count(text);
                else
                    most = Math.Max(most, (sent += Append().Count(text)) - answered);
            },
        };
        await using var harness = new Harness(servers.Old, target, servers.Old.ImapPort, proxy.Port);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 60);

        await harness.RunAsync(Stop);

        Assert.True(most > 1, "one at a time");
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_UIDPLUS_target_UIDs_are_found_by_looking(bool multiAppend)
    {
        await using var target = await DovecotServer.StartAsync(
            new DovecotOptions(Hidden: multiAppend ? ["UIDPLUS"] : ["UIDPLUS", "MULTIAPPEND"])
        );
        await using var proxy = new LoopbackProxy(target.ImapPort) { FromServer = text => AppendUid().Replace(text, "") };
        await using var harness = new Harness(servers.Old, target, servers.Old.ImapPort, proxy.Port);
        await ArrangeAsync(harness);

        var first = await harness.RunAsync(Stop);
        var second = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, first.Outcome);
        Assert.Equal(first.Total.Found, first.Total.Delivered);
        Assert.Equal(0, second.Total.Delivered);
        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Without_UIDPLUS_no_message_is_looked_for_twice()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["UIDPLUS"]));
        var (asked, read) = (new List<int>(), 0);
        await using var proxy = new LoopbackProxy(target.ImapPort)
        {
            FromServer = text => AppendUid().Replace(text, ""),
            Sees = (fromServer, text) =>
            {
                if (!fromServer && SearchFrom().Match(text) is { Success: true } search)
                    asked.Add(int.Parse(search.Groups[1].Value));
                read += fromServer ? text.Split("BODY[]").Length - 1 : 0;
            },
        };
        await using var harness = new Harness(servers.Old, target, servers.Old.ImapPort, proxy.Port);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 450);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((450, 450), (report.Total.Delivered, read));
        // All at first, and from then on what was not found yet: it is looked when 200 are waiting.
        Assert.NotEmpty(asked);
        Assert.All(asked, from => Assert.InRange(from, 201, 450));
    }

    [Fact]
    public async Task Where_the_target_allows_one_connection_appends_go_over_it()
    {
        await using var target = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["MULTIAPPEND"], QuotaMessages: 25));
        var logins = 0;
        await using var proxy = new LoopbackProxy(target.ImapPort)
        {
            CutWhen = (fromServer, text) => !fromServer && text.Contains("AUTHENTICATE", StringComparison.Ordinal) && ++logins > 1,
        };
        await using var harness = new Harness(servers.Old, target, servers.Old.ImapPort, proxy.Port);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 30);

        var report = await harness.RunAsync(Stop, new Recovery.ImmediateClock());

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal((25, 5), (report.Total.Delivered, report.Total.Failed));
    }

    [Fact]
    public async Task Of_several_namespaces_the_users_own_are_copied_each_folder_once_and_the_others_are_named()
    {
        const string namespaces = """
            namespace archive {
              type = private
              separator = /
              prefix = Archive/
              location = maildir:~/Archive
              list = yes
            }
            namespace others {
              type = public
              separator = /
              prefix = Public/
              location = maildir:~/Public
              list = yes
            }
            """;
        await using var source = await DovecotServer.StartAsync(new DovecotOptions(Namespaces: namespaces));
        await using var harness = new Harness(source, servers.New);
        await using (var imap = await harness.SourceAsync())
        {
            foreach (
                var (folder, messages) in new[]
                {
                    ("INBOX", 2),
                    ("Projects", 2),
                    ("Archive/2019", 3),
                    ("Archive/2020", 1),
                    ("Public/Info", 1),
                }
            )
            {
                if (folder != "INBOX")
                    await imap.CreateAsync(folder);
                await FillAsync(imap, folder, 0, messages);
            }
        }

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 8, 0), (report.Outcome, report.Total.Delivered, again.Total.Delivered));
        Assert.True(verified.Identical);
        Assert.Contains(report.Notices, notice => notice.Contains("Public/Info", StringComparison.Ordinal));
        var content = await harness.TargetContentAsync();
        Assert.Equal(
            [("Archive/2019", 3), ("Archive/2020", 1), ("INBOX", 2), ("Projects", 2)],
            content
                .Folders.Where(folder => folder.Value.Count > 0)
                .Select(folder => (folder.Key, folder.Value.Count))
                .OrderBy(folder => folder.Key, StringComparer.Ordinal)
        );
    }

    private static async Task ArrangeAsync(Harness harness)
    {
        await using var source = await harness.SourceAsync();
        foreach (var message in OddMessages.All.Where(message => !message.OnDisk))
            await source.AppendAsync("INBOX", message.Bytes, message.Flags, message.Date);
        await source.CreateAsync("Work");
        await FillAsync(source, "Work", 0, 10);
    }

    [GeneratedRegex(@"UID SEARCH .*UID (\d+):\*")]
    private static partial Regex SearchFrom();

    [GeneratedRegex(@"P\d+ APPEND")]
    private static partial Regex Append();

    [GeneratedRegex(@"\[APPENDUID [^\]]*\] ?")]
    private static partial Regex AppendUid();
}
