using System.Text;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Names that no RFC allows are on servers all the same.</summary>
public sealed class FolderNameTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_that_is_listed_twice_is_one_folder()
    {
        await using var source = new ScriptedImap { Capabilities = "IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE" };
        await using var target = new ScriptedImap();
        source.Inbox.Fill(3);
        source.Folders["Dup fetch"] = new ScriptedFolder();
        source.Folders["Dup fetch"].Fill(3, 10);
        source.Arm(
            "twice",
            command =>
            {
                if (command.Name != "LIST" || !command.Arguments.Contains('*', StringComparison.Ordinal))
                    return null;
                command.Say("* LIST () \"/\" INBOX");
                command.Say("* LIST (\\HasNoChildren) \"/\" {9}\r\nDup fetch");
                command.Say("* LIST () \"/\" \"Dup fetch\"");
                return "OK listed";
            }
        );
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 6L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(["Dup fetch", "INBOX"], target.Folders.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("R&D", "R&-D")]
    [InlineData("R&X", "R&-X")]
    [InlineData("R&D-x", "R&-D-x")]
    [InlineData("a&", "a&-")]
    [InlineData("&-", "&-")]
    [InlineData("q\"uo\\te", "q\"uo\\te")]
    [InlineData("100%", "100%")]
    [InlineData("a*b", "a*b")]
    [InlineData(" lead", " lead")]
    [InlineData("trail ", "trail ")]
    [InlineData("inbox/Sub", "INBOX/Sub")]
    [InlineData("Entwürfe", "Entw&APw-rfe")]
    [InlineData("a//b", "a/_/b")]
    public async Task A_name_that_is_no_modified_UTF7_is_kept_and_the_folder_is_read(string name, string there)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        source.Inbox.Fill(3);
        // Names on the wire are bytes: here, those of UTF-8.
        var wire = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(name));
        source.Folders[wire] = new ScriptedFolder();
        source.Folders[wire].Fill(3, 10);
        source.Folders["R"] = new ScriptedFolder();
        source.Folders["R"].Fill(1, 20);
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 7L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(3, target.Folders[there].Messages.Count);
        Assert.Single(target.Folders["R"].Messages);
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Fact]
    public async Task A_folder_keeps_its_own_name_beside_one_whose_name_was_filled_in()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        (source.Folders["a//b"] = new ScriptedFolder()).Fill(1, 10);
        (source.Folders["a/_/b"] = new ScriptedFolder()).Fill(2, 20);
        await using var harness = new Harness(source, target);

        await harness.RunAsync(Stop);

        Assert.Equal((2, 1), (target.Folders["a/_/b"].Messages.Count, target.Folders["a/_/b 2"].Messages.Count));
    }

    [Fact]
    public async Task A_server_that_dies_of_a_question_about_a_name_is_not_asked_again()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        (source.Folders["a.b"] = new ScriptedFolder()).Fill(1, 10);
        target.Arm(
            "nonsense",
            command => command.Name == "STATUS" && command.Arguments.StartsWith("a.b", StringComparison.Ordinal) ? command.Drop() : null
        );
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Single(target.Folders["a.b"].Messages);
        Assert.Single(
            target.Commands,
            command => command.Name == "STATUS" && command.Arguments.StartsWith("a.b", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Names_that_decode_to_halves_of_characters_stay_two()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        foreach (var (index, name) in new[] { "A&2AA-", "A&2AE-" }.Index())
        {
            source.Folders[name] = new ScriptedFolder();
            source.Folders[name].Fill(2, 10 * (index + 1));
        }
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 4L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(["A&-2AA-", "A&-2AE-", "INBOX"], target.Folders.Keys.Order(StringComparer.Ordinal));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    /// <summary>Also where appends are pipelined, which MailKit does not do.</summary>
    [Theory]
    [InlineData("IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE")]
    [InlineData("IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE MULTIAPPEND")]
    public async Task A_target_folder_with_such_a_name_is_delivered_to(string capabilities)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = capabilities };
        source.Folders["A&-B"] = new ScriptedFolder();
        source.Folders["A&-B"].Fill(5);
        target.Folders["A&B"] = new ScriptedFolder();
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 5), (report.Outcome, target.Folders["A&B"].Messages.Count));
        Assert.Equal(["A&B", "INBOX"], target.Folders.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task INBOX_below_INBOX_and_in_other_letters_is_a_folder_of_its_own()
    {
        await using var source = new ScriptedImap { Delimiter = '.', Namespace = "((\"INBOX.\" \".\")) NIL NIL" };
        await using var target = new ScriptedImap();
        source.Inbox.Fill(1);
        foreach (var (index, name) in new[] { "INBOX.INBOX", "INBOX.inbox" }.Index())
        {
            source.Folders[name] = new ScriptedFolder();
            source.Folders[name].Fill(2 + index, 10 * (index + 1));
        }
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 6L), (report.Outcome, report.Total.Delivered));
        Assert.Equal([1, 2, 3], target.Folders.Values.Select(folder => folder.Messages.Count).Order());
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }
}
