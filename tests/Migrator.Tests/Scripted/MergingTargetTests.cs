using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Targets that keep one of several messages that they consider the same, and answer with the UID of the one they have
/// (Gmail).</summary>
public sealed partial class MergingTargetTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("IMAP4rev1 UIDPLUS NAMESPACE", false)]
    [InlineData("IMAP4rev1 UIDPLUS LITERAL+ NAMESPACE", false)]
    [InlineData("IMAP4rev1 UIDPLUS LITERAL+ NAMESPACE", true)]
    public async Task A_twin_that_the_target_merged_is_named_and_the_run_is_not_complete(string capabilities, bool alters)
    {
        await using var source = new ScriptedImap();
        await using var target = Merging(capabilities);
        if (alters)
            target.Store = InspectionTests.WithHeader;
        await using var harness = new Harness(source, target);
        source.Inbox.Fill(2);
        source.Inbox.Add(ScriptedFolder.Letter(1));

        for (var run = 0; run < 2; run++)
        {
            var report = await harness.RunAsync(Stop);

            Assert.Equal(
                (RunOutcome.Partial, 3, 2, 1),
                (report.Outcome, report.Total.Found, report.Total.Delivered + report.Total.AlreadyThere, report.Total.Failed)
            );
            Assert.Equal((3u, Reason.MergedByTarget.Code), (Assert.Single(report.Failures).Uid, report.Failures[0].Failure.Code));
            Assert.Contains("identical", report.Failures[0].Failure.Detail, StringComparison.Ordinal);
        }
        Assert.Equal(2, target.Inbox.Messages.Count);
    }

    [Fact]
    public async Task Identical_messages_that_the_target_merged_count_where_the_job_accepts_it_and_others_never()
    {
        await using var source = new ScriptedImap();
        await using var target = Merging("IMAP4rev1 UIDPLUS NAMESPACE");
        await using var harness = new Harness(source, target);
        harness.Job = harness.Job with { Options = harness.Job.Options with { AcceptMerged = true } };
        source.Inbox.Fill(2);
        source.Inbox.Add(ScriptedFolder.Letter(1));

        var accepted = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);
        source.Inbox.Add([.. ScriptedFolder.Letter(2), .. "another text under the same Message-ID\r\n"u8]);
        var other = await harness.RunAsync(Stop);
        var missed = await harness.VerifyAsync(Stop);
        source.Inbox.Messages.RemoveAt(3);
        source.Inbox.ModSeq++;
        var last = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 2, 1), (accepted.Outcome, accepted.Total.Delivered, accepted.Total.AlreadyThere));
        Assert.Contains(accepted.Notices, notice => notice.Contains("merged", StringComparison.Ordinal));
        Assert.Equal((RunOutcome.Partial, Reason.MergedByTarget.Code), (other.Outcome, Assert.Single(other.Failures).Failure.Code));
        Assert.Contains("another message", other.Failures[0].Failure.Detail, StringComparison.Ordinal);
        Assert.Equal((true, 3), (verified.Identical, verified.Folders.Single().Matched));
        Assert.Equal(4u, Assert.Single(missed.Differences).Uid);
        Assert.Equal((RunOutcome.Complete, 3), (last.Outcome, last.Total.AlreadyThere));
    }

    private static ScriptedImap Merging(string capabilities)
    {
        var target = new ScriptedImap { Capabilities = capabilities };
        target.Arm(
            "merge",
            command =>
            {
                if (command.Name != "APPEND")
                    return null;
                var id = MessageId().Match(Encoding.Latin1.GetString(command.Literals[^1])).Value;
                return
                    target.Inbox.Messages.Find(message => Encoding.Latin1.GetString(message.Content).Contains(id, StringComparison.Ordinal))
                        is { } kept
                    ? $"OK [APPENDUID {target.Inbox.UidValidity} {kept.Uid}] merged"
                    : null;
            }
        );
        return target;
    }

    [GeneratedRegex("Message-ID: .*")]
    private static partial Regex MessageId();
}
