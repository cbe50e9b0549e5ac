using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Failures;
using Migrator.Core.Following;
using Migrator.Core.Mail;
using Migrator.Core.Plans;
using Xunit;

namespace Migrator.Tests.Plans;

/// <summary>Plans are files that people keep, copy and edit: what is read is what was written, or is refused with the reason.</summary>
public sealed class PlanFileTests : IDisposable
{
    private static readonly MailboxPlan s_plan = new(
        "move",
        "imap://ann@old.example:993",
        "imap://ann@new.example:993",
        DateTimeOffset.UnixEpoch,
        [
            new PlannedFolder(new(["A/B", "C\\D"]), 7, new(["E"]), default, 12)
            {
                Deliver = UidSet.Of([new UidRange(1, 5), new UidRange(9, 400)]),
                Flags = [7],
                Failure = Failure.Of(Reason.FolderRefused, "why"),
            },
        ]
    )
    {
        Renames = [new PlannedRename(new(["F"]), new(["G", "H"]))],
        Deletions = [new PlannedDeletion(new(["A"]), new(["B"]), 3, [1, 2]) { Held = "more" }],
        DeletionMode = DeletionMode.Expunge,
        CompleteBy = DateTimeOffset.UnixEpoch.AddDays(1),
        Notices = ["note"],
        Problems = [Failure.Of(Reason.OverQuota, "full")],
    };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("plans");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        var paths = await Files().WriteAsync(s_plan, TestContext.Current.CancellationToken);

        var read = PlanFile.Read(paths.Json).Single();

        Assert.Equal(ReportJson.Line(s_plan), ReportJson.Line(read));
        Assert.Equal("1:5,9:400", read.Folders[0].Deliver.ToString());
        Assert.Contains("Migration plan", await File.ReadAllTextAsync(paths.Html, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Of_a_job_all_are_read()
    {
        foreach (var name in new[] { "ann", "bob" })
            await new ReportFiles(Path.Combine(_directory.FullName, JobReportFiles.Below), TimeZoneInfo.Utc, name).WriteAsync(
                s_plan with
                {
                    Source = name,
                },
                TestContext.Current.CancellationToken
            );

        Assert.Equal(["ann", "bob"], PlanFile.Read(_directory.FullName).Select(plan => plan.Source));
    }

    [Theory]
    [InlineData("", "", "is not a plan that can be carried out")]
    [InlineData("[]", "", "is not a plan")]
    [InlineData("{\"schema\": 2, \"kind\": \"run\"}", "", "is not a plan")]
    [InlineData("{\"schema\": 2, \"kind\": 1}", "", "is not a plan")]
    [InlineData("{\"schema\": 2, \"kind\": \"plan\"}", "", "is not a plan that can be carried out")]
    [InlineData("\"schema\": 2", "\"schema\": 99", "another version")]
    [InlineData("\"schema\": 2", "\"schema\": \"2\"", "another version")]
    [InlineData("1:5,9:400", "5:1", "'5:1' is not a range of UIDs")]
    [InlineData("1:5,9:400", "0", "'0' is not a UID")]
    [InlineData("1:5,9:400", "1,,2", "'' is not a UID")]
    [InlineData("1:5,9:400", "4294967296", "is not a UID")]
    [InlineData("1:5,9:400", "1:3000000000", "more UIDs than any folder holds")]
    [InlineData("\"expunge\"", "\"burn\"", "is not a plan that can be carried out")]
    [InlineData("\"source\": \"imap://ann@old.example:993\",", "", "is not a plan that can be carried out")]
    [InlineData("\"target\": \"E\"", "\"target\": null", "is not a plan that can be carried out")]
    [InlineData("\"target\": \"E\"", "\"target\": \"E//\"", "a name in it is empty")]
    [InlineData("\"renames\": [", "\"renames\": [ null,", "an entry without content")]
    public async Task Anything_else_is_refused(string from, string to, string said)
    {
        var path = (await Files().WriteAsync(s_plan, TestContext.Current.CancellationToken)).Json;
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.True(to.Length == 0 || text.Contains(from, StringComparison.Ordinal), text);
        var changed = text.Contains(from, StringComparison.Ordinal) && from.Length > 0 ? text.Replace(from, to) : from;
        await File.WriteAllTextAsync(path, changed, TestContext.Current.CancellationToken);

        var exception = Assert.Throws<ConfigurationException>(() => PlanFile.Read(path));

        Assert.Contains(said, exception.Detail);
        Assert.Contains(path, exception.Detail);
    }

    [Fact]
    public async Task A_folder_that_is_planned_twice_is_refused()
    {
        var twice = s_plan with { Folders = [s_plan.Folders[0], s_plan.Folders[0] with { Messages = 1 }] };
        var path = (await Files().WriteAsync(twice, TestContext.Current.CancellationToken)).Json;

        Assert.Contains("a folder twice", Assert.Throws<ConfigurationException>(() => PlanFile.Read(path)).Detail);
    }

    [Theory]
    [InlineData("missing.json", "cannot be read")]
    [InlineData("", "cannot be read")]
    public void What_is_not_there_is_named(string name, string said) =>
        Assert.Contains(said, Assert.Throws<ConfigurationException>(() => PlanFile.Read(Path.Combine(_directory.FullName, name))).Detail);

    [Theory]
    [InlineData(5, 1000, 50, 0, false)]
    [InlineData(5, 1000, 50, 1, true)]
    [InlineData(5, 20, 5, 5, false)]
    [InlineData(5, 20, 6, 5, true)]
    [InlineData(0, 1000, 0, 0, false)]
    [InlineData(0, 1000, 0, 1, true)]
    [InlineData(100, 20, 20, 0, false)]
    public void Drift_is_a_share_of_the_folder_and_a_few_messages_are_none(int percent, int messages, int arrived, int gone, bool isDrift)
    {
        var folder = new PlannedFolder(FolderPath.Inbox, 1, FolderPath.Inbox, 1, messages);

        Assert.Equal(isDrift, new AppliedPlan(s_plan, percent).Drift(folder, arrived, gone) is not null);
    }

    private ReportFiles Files() => new(_directory.FullName, TimeZoneInfo.Utc);
}
