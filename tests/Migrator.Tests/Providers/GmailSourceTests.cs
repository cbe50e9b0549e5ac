using System.Security.Cryptography;
using Migrator.Core.Folders;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Providers;

/// <summary>Migrations from Gmail, whose folders are labels.</summary>
public sealed class GmailSourceTests(DovecotFixture servers)
{
    private const int Most = 20;

    private static readonly Dictionary<string, int> s_numbers = Enumerable
        .Range(0, Most)
        .ToDictionary(number => Convert.ToHexStringLower(SHA256.HashData(Letter(number))));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_label_becomes_a_folder_and_all_mail_brings_only_what_no_other_folder_shows(bool german)
    {
        var names = german ? GmailNames.German : GmailNames.English;
        await using var gmail = await GmailServer.StartAsync(names);
        await using var harness = Of(gmail);
        await using var ann = await FillAsync(gmail, harness);
        harness.Job = harness.Job with { Folders = FolderRules.All with { Exclude = ["Old"] } };
        var losses = 0;
        gmail.Arm(
            "cut while labels are read",
            command =>
                command.ToString().Contains("X-GM-LABELS") && command.Name == "UID FETCH" && losses++ is 1 or 4 ? ProxyFault.Drop : null
        );

        var first = await harness.RunAsync(Stop, new Recovery.ImmediateClock());
        var there = await TargetAsync(harness);
        var second = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 9), (first.Outcome, first.Total.Delivered));
        Assert.Equal((RunOutcome.Complete, 0, 9), (second.Outcome, second.Total.Delivered, second.Total.AlreadyThere));
        string Name(string name) => ModifiedUtf7.Decode($"{names.Prefix}/{name}");
        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["INBOX"] = "1",
                ["Work"] = "1 2",
                ["Body/Bücher"] = "4",
                [Name(names.Sent)] = "5",
                [Name(names.Trash)] = "6",
                [Name(names.Spam)] = "7",
                [Name(names.AllMail)] = "3* 8",
            },
            there
        );
        Assert.Contains(first.Notices, notice => notice.Contains(Name(names.Starred)) && notice.Contains("only show messages of other"));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
        Assert.Equal(0, (await harness.CheckAsync(Stop)).Folders.Sum(folder => folder.ToCopy.Messages));
    }

    [Fact]
    public async Task What_loses_its_last_label_or_gets_another_arrives_there_with_the_next_run()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = Of(gmail);
        await using var ann = await FillAsync(gmail, harness);
        await harness.RunAsync(Stop);
        await ann.RunAsync("SELECT INBOX");
        await ann.RunAsync("UID STORE 1 X-GM-LABELS ()");
        await LabelAsync(ann, 3, "Work");

        var report = await harness.RunAsync(Stop);

        var there = await TargetAsync(harness);
        Assert.Equal((RunOutcome.Complete, 2), (report.Outcome, report.Total.Delivered));
        Assert.Equal(("3* 1", "1 2 3*", "1"), (there["[Gmail]/All Mail"], there["Work"], there["INBOX"]));
        Assert.Equal(0, (await harness.RunAsync(Stop)).Total.Delivered);
    }

    [Fact]
    public async Task A_folder_that_shows_less_than_its_label_says_is_reported_and_its_mail_arrives_all_the_same()
    {
        await using var gmail = await GmailServer.StartAsync(folderLimit: 2);
        await using var harness = Of(gmail);
        await using var ann = await gmail.LogInAsync(harness.SourceUser);
        await Letters.FillAsync(ann, "INBOX", 0, 4);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var report = await harness.RunAsync(Stop);

            Assert.Equal(RunOutcome.Partial, report.Outcome);
            Assert.Contains(report.Notices, notice => notice.StartsWith("INBOX (2 messages): ") && notice.Contains("Folder size limits"));
            var there = await TargetAsync(harness);
            Assert.Equal(("2 3", "0 1"), (there["INBOX"], there["[Gmail]/All Mail"]));
        }
        Assert.Contains((await harness.CheckAsync(Stop)).Notices, notice => notice.StartsWith("INBOX (2 messages): "));
        var verified = await harness.VerifyAsync(Stop);
        Assert.Contains(verified.Notices, notice => notice.StartsWith("INBOX (2 messages): "));
        Assert.False(verified.Identical);
    }

    [Fact]
    public async Task A_label_that_is_hidden_is_named_and_its_mail_arrives_without_it()
    {
        await using var gmail = await GmailServer.StartAsync(hidden: ["Secret"]);
        await using var harness = Of(gmail);
        await using var ann = await gmail.LogInAsync(harness.SourceUser);
        await Letters.FillAsync(ann, "INBOX", 0, 2);
        await LabelAsync(ann, 1, "Secret");
        await ann.RunAsync("SELECT INBOX");
        await ann.RunAsync("UID STORE 2 -X-GM-LABELS (\\Inbox)");

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 2), (report.Outcome, report.Total.Delivered));
        Assert.Contains(report.Notices, notice => notice.StartsWith("Secret (1 message): ") && notice.Contains("Show in IMAP"));
        Assert.Equal(("0", "1"), (await TargetAsync(harness)) is var there ? (there["INBOX"], there["[Gmail]/All Mail"]) : default);
    }

    [Fact]
    public async Task Without_all_mail_no_run_is_complete()
    {
        await using var gmail = await GmailServer.StartAsync(hidden: ["[Gmail]/All Mail"]);
        await using var harness = Of(gmail);
        await using var ann = await gmail.LogInAsync(harness.SourceUser);
        await Letters.FillAsync(ann, "INBOX", 0, 1);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 1), (report.Outcome, report.Total.Delivered));
        Assert.Contains(report.Notices, notice => notice.Contains("show All Mail in IMAP"));
        Assert.Equal("all-mail-hidden", (await harness.VerifyAsync(Stop)).Shortfall?.Code);
    }

    [Fact]
    public async Task Labels_become_keywords_of_messages_that_are_copied_once_and_follow_them()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = Of(gmail);
        await using var ann = await FillAsync(gmail, harness);
        harness.Job = harness.Job with { Folders = FolderRules.All with { Labels = LabelRule.Keywords } };

        var report = await harness.RunAsync(Stop);
        Assert.Equal((RunOutcome.Complete, 8), (report.Outcome, report.Total.Delivered));
        Assert.Equal(
            ["$Important Inbox Work", "Work", "\\Flagged", "Body/B&APw-cher", "Sent", "Old"],
            (await harness.TargetContentAsync()).Folders["[Gmail]/All Mail"].Select(message => message.Flags)
        );
        await LabelAsync(ann, 2, "Later");
        await ann.RunAsync("SELECT Work");
        await ann.RunAsync("UID STORE 1 -X-GM-LABELS (\\Inbox)");

        var next = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 0), (next.Outcome, next.Total.Delivered));
        Assert.Equal(
            ["$Important Work", "Later Work"],
            (await harness.TargetContentAsync()).Folders["[Gmail]/All Mail"].Take(2).Select(message => message.Flags)
        );
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    private Harness Of(GmailServer gmail) => new(gmail.Server, servers.New, gmail.Port, servers.New.ImapPort);

    /// <summary>Messages with two labels, one, a nested one, none, a star, and what lies apart.</summary>
    private static async Task<RawImap> FillAsync(GmailServer gmail, Harness harness)
    {
        var (ann, names) = (await gmail.LogInAsync(harness.SourceUser), gmail.Names);
        foreach (var folder in new[] { "Work", "Body/Bücher", "Old" })
            await ann.CreateAsync(folder);
        await AppendAsync(ann, "INBOX", 1);
        await ann.RunAsync("SELECT INBOX");
        await ann.RunAsync("UID STORE 1 +X-GM-LABELS (Work \\Important)");
        await AppendAsync(ann, "Work", 2);
        await AppendAsync(ann, ModifiedUtf7.Decode(names.All), 3);
        await LabelAsync(ann, 3, "\\Starred", names.All);
        await AppendAsync(ann, "Body/Bücher", 4);
        await AppendAsync(ann, ModifiedUtf7.Decode($"{names.Prefix}/{names.Sent}"), 5);
        await AppendAsync(ann, ModifiedUtf7.Decode(names.Bin), 6);
        await AppendAsync(ann, ModifiedUtf7.Decode(names.Junk), 7);
        await AppendAsync(ann, "Old", 8);
        return ann;
    }

    private static Task AppendAsync(RawImap ann, string folder, int number) =>
        ann.AppendAsync(folder, Letter(number), "", DateTimeOffset.UnixEpoch.AddDays(10_000 + number));

    private static async Task LabelAsync(RawImap ann, int number, string label, string all = "[Gmail]/All Mail")
    {
        await ann.RunAsync($"SELECT \"{all}\"");
        var found = await ann.RunAsync($"UID SEARCH HEADER Message-ID \"<{number}@example.org>\"");
        await ann.RunAsync($"UID STORE {found[0].Text.Split(' ')[^1]} +X-GM-LABELS ({label})");
    }

    /// <summary>Which messages each folder of the target has, in order; with a star where they have one.</summary>
    private static async Task<SortedDictionary<string, string>> TargetAsync(Harness harness) =>
        new(
            (await harness.TargetContentAsync())
                .Folders.Where(folder => folder.Value.Count > 0)
                .ToDictionary(
                    folder => folder.Key,
                    folder =>
                        string.Join(
                            ' ',
                            folder.Value.Select(message => s_numbers[message.Hash] + (message.Flags.Contains("\\Flagged") ? "*" : ""))
                        )
                ),
            StringComparer.Ordinal
        );
}
