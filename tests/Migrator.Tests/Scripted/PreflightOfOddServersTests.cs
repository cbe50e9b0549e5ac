using System.Text.RegularExpressions;
using Migrator.Core.Migrations;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Checks of servers whose figures make no sense: nothing is claimed of what they do not say, and nothing breaks.</summary>
public sealed class PreflightOfOddServersTests
{
    private const string Capabilities = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE UNSELECT CHILDREN CONDSTORE";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("QUOTA \"\" (STORAGE 10 20000000000)", QuotaVerdict.Fits, 20_000_000_000L * 1024)]
    [InlineData("QUOTA \"\" (STORAGE 20 10)", QuotaVerdict.Exceeded, 10L * 1024)]
    [InlineData("QUOTA \"\" (MESSAGE 1 2)", QuotaVerdict.Exceeded, null)]
    [InlineData("QUOTA \"\" (MESSAGE 1 1000 STORAGE 0 1000000)", QuotaVerdict.Fits, 1_000_000L * 1024)]
    [InlineData("QUOTA \"\" ()", QuotaVerdict.Fits, null)]
    [InlineData("QUOTA \"\" (X-ANNOTATION 5 5)", QuotaVerdict.Fits, null)]
    [InlineData("QUOTA \"\" (STORAGE -5 -10)", QuotaVerdict.Unknown, null)]
    [InlineData("QUOTA \"\" (STORAGE 5 0)", QuotaVerdict.Unknown, null)]
    [InlineData("QUOTA \"\" (STORAGE 0 9223372036854775807)", QuotaVerdict.Unknown, null)]
    [InlineData("QUOTA \"\" (STORAGE 0 99999999999999999999999999)", QuotaVerdict.Unknown, null)]
    [InlineData("QUOTA \"\" (STORAGE lots much)", QuotaVerdict.Unknown, null)]
    [InlineData("QUOTA \"\" (STORAGE 10", QuotaVerdict.Unknown, null)]
    public async Task A_quota_is_believed_only_where_it_can_be_so(string answer, QuotaVerdict verdict, long? limit)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = $"{Capabilities} QUOTA" };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(12);
        target.Arm(
            "quota",
            command =>
            {
                if (command.Name != "GETQUOTAROOT")
                    return null;
                command.Say("* QUOTAROOT INBOX \"\"");
                command.Say($"* {answer}");
                return "OK done";
            }
        );

        var check = await harness.CheckAsync(Stop);

        var quota = Assert.Single(check.Quotas!);
        Assert.Equal((verdict, limit), (quota.Verdict, quota.Quota.Storage?.Limit));
        Assert.Equal(12, quota.Coming.Messages);
        Assert.Equal(verdict == QuotaVerdict.Exceeded, check.LeavesMessages);
        Assert.Equal(1, target.Accepted);
    }

    [Fact]
    public async Task Each_of_several_quotas_is_compared()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = $"{Capabilities} QUOTA" };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(12);
        target.Arm(
            "quota",
            command =>
            {
                if (command.Name != "GETQUOTAROOT")
                    return null;
                command.Say("* QUOTAROOT INBOX user domain");
                command.Say("* QUOTA user (STORAGE 0 1000)");
                command.Say("* QUOTA domain (STORAGE 900 900)");
                return "OK done";
            }
        );

        var check = await harness.CheckAsync(Stop);

        var verdicts = check.Quotas!.Select(quota => (quota.Quota.Root, quota.Verdict));
        Assert.Equal([("user", QuotaVerdict.Fits), ("domain", QuotaVerdict.Exceeded)], verdicts);
    }

    [Fact]
    public async Task A_quota_that_is_refused_is_unknown()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = $"{Capabilities} QUOTA" };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(2);
        target.Arm("quota", command => command.Name == "GETQUOTAROOT" ? "NO not for you" : null);

        var check = await harness.CheckAsync(Stop);

        Assert.Empty(check.Quotas!);
        var notice = Assert.Single(check.Notices, text => text.Contains("quota", StringComparison.Ordinal));
        Assert.Contains("The quota of the target is unknown", notice);
        Assert.Contains("not for you", notice);
        Assert.False(check.LeavesMessages);
    }

    [Theory]
    [InlineData("APPENDLIMIT 150", 150L)]
    [InlineData("APPENDLIMIT NIL", null)]
    [InlineData("MESSAGES 3", null)]
    [InlineData("APPENDLIMIT -1", null)]
    [InlineData("APPENDLIMIT many", null)]
    public async Task A_limit_of_one_folder_holds_for_check_and_run(string status, long? limit)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = $"{Capabilities} APPENDLIMIT" };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(3);
        source.Inbox.Add([.. ScriptedFolder.Letter(4), .. new byte[300].Select(_ => (byte)'x'), (byte)'\r', (byte)'\n']);
        target.Arm(
            "limit",
            command =>
            {
                if (command.Name != "STATUS" || !command.Arguments.Contains("APPENDLIMIT", StringComparison.Ordinal))
                    return null;
                command.Say($"* STATUS INBOX ({status})");
                return "OK done";
            }
        );

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);

        var inbox = Assert.Single(check.Folders);
        Assert.Equal((limit, limit is null ? 0 : 1), (inbox.MaxSize, inbox.TooLarge.Messages));
        check.ShouldForetell(report);
        // What is refused is not even fetched where it cannot fit.
        Assert.Equal(limit is null ? 4 : 3, target.Inbox.Messages.Count);
    }

    [Theory]
    [InlineData("RFC822.SIZE -7")]
    [InlineData("RFC822.SIZE 99999999999999999999")]
    [InlineData("RFC822.SIZE 9223372036854775807")]
    [InlineData("RFC822.SIZE NIL")]
    [InlineData("FLAGS (\\Seen)")]
    public async Task A_size_that_is_none_is_unknown(string said)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap { Capabilities = $"{Capabilities} QUOTA" };
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(5);
        target.Arm(
            "quota",
            command =>
            {
                if (command.Name != "GETQUOTAROOT")
                    return null;
                command.Say("* QUOTA \"\" (STORAGE 0 1000)");
                return "OK done";
            }
        );
        source.Arm(
            "size",
            command =>
            {
                if (command.Name != "UID FETCH")
                    return null;
                foreach (var message in command.Named)
                {
                    var size = message.Uid == 3 ? said : $"RFC822.SIZE {message.Content.Length}";
                    command.Say($"* {message.Uid} FETCH (UID {message.Uid} {size})");
                }
                return "OK done";
            }
        );

        var check = await harness.CheckAsync(Stop);

        var inbox = Assert.Single(check.Folders);
        Assert.Equal((5, 1), (inbox.ToCopy.Messages, inbox.UnknownSizes));
        var others = source.Inbox.Messages.Where(message => message.Uid != 3);
        Assert.Equal(others.Sum(message => message.Content.Length), inbox.ToCopy.Bytes);
        // The one may be as large as it likes.
        Assert.Equal(QuotaVerdict.MayExceed, Assert.Single(check.Quotas!).Verdict);
    }

    [Fact]
    public async Task Sizes_are_asked_for_in_pages_and_nothing_else_is()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(4500);

        var check = await harness.CheckAsync(Stop);

        Assert.Equal(4500, Assert.Single(check.Folders).ToCopy.Messages);
        var fetches = source.Commands.Where(command => command.Name == "UID FETCH").ToList();
        Assert.Equal(5, fetches.Count);
        Assert.All(
            fetches,
            command => Assert.Matches(@"^\d+:\d+ \((?:UID RFC822\.SIZE|RFC822\.SIZE UID|RFC822\.SIZE)\)$", command.Arguments)
        );
        Assert.All(fetches, command => Assert.InRange(command.Named.Count, 1, 1000));
        Assert.DoesNotContain(
            target.Commands.Concat(source.Commands),
            command => Regex.IsMatch(command.Name, "^(?:SELECT|CREATE|APPEND|SUBSCRIBE|UID STORE|UID EXPUNGE)$")
        );
    }

    [Fact]
    public async Task A_status_that_lies_foretells_nothing()
    {
        await using var source = new ScriptedImap { Capabilities = $"{Capabilities} LIST-EXTENDED LIST-STATUS" };
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(6);
        source.Arm(
            "status",
            command =>
            {
                if (command.Name != "LIST" || !command.Arguments.Contains("STATUS", StringComparison.Ordinal))
                    return null;
                command.Say("* LIST () \"/\" INBOX");
                command.Say($"* STATUS INBOX (MESSAGES 2000000000 UIDNEXT 5 UIDVALIDITY {source.Inbox.UidValidity} HIGHESTMODSEQ 1)");
                return "OK done";
            }
        );

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);

        Assert.Equal(6, Assert.Single(check.Folders).Listed);
        check.ShouldForetell(report);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_read_is_foretold()
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(2);
        source.Folders["Locked"] = new ScriptedFolder();
        source.Folders["Locked"].Fill(3);
        source.Arm("locked", command => command.Name == "EXAMINE" && command.Folder == "Locked" ? "NO [NOPERM] not yours" : null);

        var check = await harness.CheckAsync(Stop);
        var report = await harness.RunAsync(Stop);

        Assert.Contains("not yours", check.Folders.Single(folder => folder.Source.Name == "Locked").Failure!.Detail);
        Assert.Equal((2, true), (check.Folders.Single(folder => folder.Source.IsInbox).ToCopy.Messages, check.LeavesMessages));
        Assert.NotNull(report.Folders.Single(folder => folder.Source.Name == "Locked").Failure);
    }
}
