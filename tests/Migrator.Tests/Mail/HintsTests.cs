using Migrator.App.Execution;
using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Tests.Reports;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>What a failure tells a person to do fits what was being done.</summary>
public sealed class HintsTests
{
    public static TheoryData<Purpose> Purposes => [.. Enum.GetValues<Purpose>()];

    [Theory]
    [MemberData(nameof(Purposes))]
    public void Every_hint_is_made_of_sentences(Purpose purpose) =>
        Assert.All(Reason.All, reason => Assert.Matches("^[A-Z\"][^\\n]{15,}\\.$", Hints.Of(reason, purpose)));

    [Theory]
    [InlineData(Purpose.Import)]
    [InlineData(Purpose.Export)]
    [InlineData(Purpose.Archive)]
    public void No_file_and_no_archive_sends_anybody_to_a_mail_server(Purpose purpose) =>
        Assert.All(
            Reason.All,
            reason =>
                Assert.DoesNotMatch(
                    "(?i)administrator|mail client|quota|APPENDLIMIT|folders\\.|\"connections\"|deleteAtSource",
                    Hints.Of(reason, purpose)
                )
        );

    [Fact]
    public void Only_what_has_a_job_file_is_told_to_change_it()
    {
        foreach (var purpose in new[] { Purpose.Restore, Purpose.Import, Purpose.Export, Purpose.Archive })
            Assert.All(
                Reason.All.Except([Reason.MailRefused, Reason.TlsUntrusted, Reason.ArchiveKey]),
                reason => Assert.DoesNotMatch("folders\\.|\"connections\"|deleteAtSource", Hints.Of(reason, purpose))
            );
    }

    [Theory]
    [InlineData(Purpose.Copy, "mail client")]
    [InlineData(Purpose.Pop3, "mail client")]
    [InlineData(Purpose.Backup, "mail client")]
    [InlineData(Purpose.Import, "Check the file")]
    [InlineData(Purpose.Restore, "migrator archive check")]
    [InlineData(Purpose.Export, "migrator archive check")]
    [InlineData(Purpose.Archive, "migrator archive ls")]
    public void What_cannot_be_read_is_looked_for_where_it_is(Purpose purpose, string words) =>
        Assert.Contains(words, Hints.Of(Reason.SourceUnreadable, purpose));

    [Fact]
    public void A_report_gives_the_hints_of_what_was_done_and_keeps_those_of_its_own()
    {
        var unreadable = new Failure(Reason.SourceUnreadable.Code, "cut short", Reason.SourceUnreadable.Hint);
        var own = new Failure(Reason.SourceUnreadable.Code, "cut short", "Ask Ann.");
        var folder = Samples.Folder("INBOX");
        var report = Samples.Run(RunOutcome.Aborted, unreadable) with
        {
            Folders = [new FolderReport(folder, folder, default, unreadable), new FolderReport(folder, folder, default, null)],
            Failures =
            [
                new MessageFailure(folder, 1, null, 1, unreadable),
                new MessageFailure(folder, 2, null, 1, own),
                new MessageFailure(folder, 3, null, 1, new Failure("not-a-reason", "", "Wait.")),
            ],
        };

        var imported = report.For(Purpose.Import);

        var hint = Hints.Of(Reason.SourceUnreadable, Purpose.Import);
        Assert.Equal(
            [hint, hint, hint, "Ask Ann.", "Wait."],
            new[] { imported.Stopped!, imported.Folders[0].Failure! }
                .Concat(imported.Failures.Select(failure => failure.Failure))
                .Select(failure => failure.Hint)
        );
        Assert.Null(imported.Folders[1].Failure);
    }
}
