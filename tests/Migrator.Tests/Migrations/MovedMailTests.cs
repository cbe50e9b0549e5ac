using System.Text.RegularExpressions;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Mail.Imap;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>What a second run does with mail that is elsewhere at the source, or has another number, and at the target already.</summary>
public sealed partial class MovedMailTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_source_folder_that_has_another_name_now_is_recognised_by_content()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        await source.CreateAsync("Sent Items");
        await FillAsync(source, "Sent Items", 0, 6);
        harness.Job = harness.Job with
        {
            Folders = FolderRules.All with
            {
                Rename = new Dictionary<string, string> { ["Sent Items"] = "Out", ["Gesendet"] = "Out" },
            },
        };
        await harness.RunAsync(Stop);
        await source.RunAsync("RENAME \"Sent Items\" Gesendet");
        var renamed = await harness.RunAsync(Stop);
        await source.RunAsync("RENAME Gesendet \"Sent Items\"");
        await FillAsync(source, "Sent Items", 6, 1);

        var back = await harness.RunAsync(Stop);

        Assert.Equal((6, 0, 6), (renamed.Total.Found, renamed.Total.Delivered, renamed.Total.AlreadyThere));
        Assert.Equal((7, 1, 6), (back.Total.Found, back.Total.Delivered, back.Total.AlreadyThere));
        Assert.Equal(7, (await harness.TargetContentAsync()).Folders["Out"].Count);
    }

    [Theory]
    [InlineData("INBOX", "Bin")]
    [InlineData("A", "B")]
    [InlineData("B", "A")]
    public async Task A_message_that_is_moved_is_not_delivered_again_where_it_is_already(string from, string to)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        foreach (var folder in new[] { "A", "B", "Bin" })
            await source.CreateAsync(folder);
        await FillAsync(source, from, 0, 4);
        // A twin at the source stays one at the target.
        await source.AppendAsync(from, Letter(2), "\\Seen", DateTimeOffset.UnixEpoch.AddDays(10_002));
        harness.Job = harness.Job with
        {
            Folders = FolderRules.All with
            {
                Rename = new Dictionary<string, string> { ["B"] = "A" },
                Exclude = ["Bin"],
            },
        };
        await harness.RunAsync(Stop);
        await source.RunAsync($"SELECT {from}");
        await source.RunAsync($"UID MOVE 2:3 {to}");
        if (to == "Bin")
        {
            await source.RunAsync("SELECT Bin");
            await source.RunAsync("UID MOVE 1:2 INBOX");
        }

        var report = await harness.RunAsync(Stop);

        Assert.Equal((5, 0, 5), (report.Total.Found, report.Total.Delivered, report.Total.AlreadyThere));
        Assert.Equal(5, (await harness.TargetContentAsync()).Count);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task Twins_stay_two_when_an_earlier_numbering_comes_back()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await using var source = await harness.SourceAsync();
        await source.CreateAsync("Work");
        await FillAsync(source, "Work", 0, 4);
        await harness.RunAsync(Stop);
        await source.RunAsync("RENAME Work Aside");
        await source.CreateAsync("Work");
        await FillAsync(source, "Work", 4, 1);
        await source.AppendAsync("Work", Letter(9, 5_000));
        await using (
            var full = new LoopbackProxy(servers.New.ImapPort)
            {
                FromServer = text =>
                    text.Contains("APPENDUID", StringComparison.Ordinal) ? NoRoom().Replace(text, "NO [OVERQUOTA] full") : text,
            }
        )
            await harness.RunAsync(
                Stop,
                endpoints: harness.Ends with
                {
                    OpenTarget = new ImapConnector(
                        Harness.Server(full.Port, harness.TargetUser, null),
                        DovecotServer.Password
                    ).OpenTargetAsync,
                }
            );
        await source.RunAsync("DELETE Work");
        await source.RunAsync("RENAME Aside Work");
        await source.AppendAsync("Work", Letter(1), "", DateTimeOffset.UnixEpoch.AddDays(10_001));

        await harness.RunAsync(Stop);

        Assert.Equal(
            2,
            (await harness.TargetContentAsync())
                .Folders["Work"]
                .Count(message => message.Date == DateTimeOffset.UnixEpoch.AddDays(10_001).ToString("s"))
        );
    }

    [Fact]
    public async Task A_message_that_the_source_shows_later_than_others_is_copied_then()
    {
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            FromServer = text =>
                text.Replace("UID ALL 1:5", "UID ALL 1:2,4:5", StringComparison.Ordinal)
                    .Replace("* 5 EXISTS", "* 4 EXISTS", StringComparison.Ordinal),
        };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 5);

        var first = await harness.RunAsync(Stop);
        proxy.FromServer = null;
        var second = await harness.RunAsync(Stop);

        Assert.Equal((4, 4), (first.Total.Found, first.Total.Delivered));
        Assert.Equal((5, 1, 4), (second.Total.Found, second.Total.Delivered, second.Total.AlreadyThere));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [GeneratedRegex(@"OK \[APPENDUID[^\r]*")]
    private static partial Regex NoRoom();
}
