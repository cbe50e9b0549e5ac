using Microsoft.Extensions.Logging.Abstractions;
using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary>What a job file says of upkeep, and the job that comes of it.</summary>
public sealed class UpkeepReadingTests : IDisposable
{
    private const string Rules = """
        "schedule": { "cron": "0 4 * * *", "timeZone": "UTC" }, "overdueAfter": "3d",
        "restoreTest": { "mailboxes": 7, "messages": 50 }, "check": { "allWithin": "14d" },
        "prune": { "keepDaily": 7, "keepWeekly": 5, "keepMonthly": 12, "keepYearly": 3, "grace": "2d" },
        "shrunk": { "percent": 30, "atLeast": 10 }
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("jobs");
    private readonly JobCatalogue _catalogue = new();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Everything_that_is_said_is_read()
    {
        var job = JobFile.Parse(Text("nightly", Rules), "/jobs/nightly.json");

        Assert.Equal(
            new UpkeepRules(
                job.Upkeep!.Schedule,
                TimeSpan.FromDays(3),
                new RestoreTestRule(7, 50),
                new CheckRule(TimeSpan.FromDays(14)),
                new PruneRule(new RetentionPolicy(0, 7, 5, 12, 3), TimeSpan.FromDays(2)),
                new ShrunkRule(30, 10)
            ),
            job.Upkeep
        );
        Assert.Equal("0 4 * * *", job.Upkeep.Schedule!.Cron);
        Assert.All(job.Mailboxes, mailbox => Assert.Equal(new ShrunkRule(30, 10), ((BackupJob)mailbox.Job).Shrunk));
    }

    [Fact]
    public void What_is_left_out_is_as_the_document_says()
    {
        var job = JobFile.Parse(Text("nightly", """ "restoreTest": {}, "check": {}, "prune": { "keepLast": 3 } """), "/jobs/nightly.json");

        Assert.Equal(
            new UpkeepRules(
                null,
                null,
                new RestoreTestRule(5, 100),
                new CheckRule(TimeSpan.FromDays(30)),
                new PruneRule(new RetentionPolicy(3, 0, 0, 0, 0), TimeSpan.FromHours(24)),
                new ShrunkRule(50, 100)
            ),
            job.Upkeep
        );
        Assert.Null(JobFile.Parse(Text("nightly", """ "check": {} """), "/jobs/nightly.json").Upkeep!.Prune);
    }

    public static TheoryData<string, string> Mistakes =>
        new()
        {
            { "", "$.upkeep" },
            { "\"shrunk\": {}, \"schedule\": {}", "$.upkeep" },
            { "\"prune\": {}", "$.upkeep.prune" },
            { "\"prune\": { \"keepDaily\": 0 }", "$.upkeep.prune" },
            { "\"prune\": { \"keepDaily\": -1, \"keepLast\": 1 }", "$.upkeep.prune.keepDaily" },
            { "\"prune\": { \"keepdaily\": 1, \"keepLast\": 1 }", "$.upkeep.prune.keepdaily" },
            { "\"prune\": { \"keepLast\": 1, \"grace\": 24 }", "$.upkeep.prune.grace" },
            { "\"check\": { \"allWithin\": \"1h\" }", "$.upkeep.check.allWithin" },
            { "\"check\": true", "$.upkeep.check" },
            { "\"restoreTest\": { \"mailboxes\": 0 }", "$.upkeep.restoreTest.mailboxes" },
            { "\"restoreTest\": { \"message\": 5 }", "$.upkeep.restoreTest.message" },
            { "\"check\": {}, \"shrunk\": { \"percent\": 101 }", "$.upkeep.shrunk.percent" },
            { "\"check\": {}, \"schedule\": { \"cron\": \"0 4 * *\" }", "$.upkeep.schedule.cron" },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void An_error_is_reported_with_its_line(string rules, string path)
    {
        File.WriteAllText(PathOf("nightly.json"), Text("nightly", rules));

        var error = Assert.Single(Assert.Throws<ConfigurationException>(() => JobFiles.Load(PathOf("nightly.json"))).Errors);

        Assert.Equal((path, 6), (error.Path, error.Line));
    }

    [Fact]
    public void A_job_without_an_archive_has_nothing_to_look_after() =>
        Assert.Equal(
            "$.upkeep",
            Assert.Single(JobText.Errors(JobText.With("\"connections\": 5", "\"upkeep\": { \"check\": {} }, \"connections\": 5"))).Path
        );

    [Fact]
    public void It_is_a_job_of_its_own_with_archives_in_the_place_of_mailboxes()
    {
        Write("nightly", Rules);
        Write("other", """ "shrunk": { "percent": 10 } """);
        Read();

        Assert.Equal(["nightly", "nightly.upkeep", "other"], _catalogue.Jobs.Select(job => job.Name));
        var upkeep = _catalogue.Find("nightly.upkeep")!;
        Assert.True(upkeep.IsUpkeep);
        Assert.Equal("/srv/archive", Assert.Single(upkeep.Names));
        Assert.Equal(
            [new DateTimeOffset(2026, 5, 1, 4, 0, 0, TimeSpan.Zero)],
            ScheduleTimes.Next(upkeep, new DateTimeOffset(2026, 4, 30, 5, 0, 0, TimeSpan.Zero), 1)
        );
        Assert.Equal(TimeSpan.FromDays(3), new OverduePolicy(_ => null).Limit(upkeep));
        var plan = Assert.Single(JobRunPlanner.Of(upkeep, JobRunTrigger.Schedule, null, null, null).Runs);
        Assert.Equal(("/srv/archive", "/srv/archive", "/srv/archive#upkeep"), (plan.Mailbox, plan.Source, plan.Target));
        // The same objects as long as the file is the same: else schedules would be put again.
        var before = _catalogue.Jobs;
        Read();
        Assert.Equal(before, _catalogue.Jobs, ReferenceEqualityComparer.Instance.Equals);
    }

    [Fact]
    public void A_file_that_has_the_name_of_another_ones_upkeep_is_refused_with_that()
    {
        Write("nightly", Rules);
        Write("nightly.upkeep", """ "shrunk": {} """);
        Read();

        Assert.Empty(_catalogue.Jobs);
        Assert.Equal(2, _catalogue.Broken.Count);
        Assert.All(_catalogue.Broken, broken => Assert.Contains("\"nightly.upkeep\"", Assert.Single(broken.Errors).Message));
    }

    private void Read() => (_files ??= new JobFiles(_directory.FullName, _catalogue, NullLogger<JobFiles>.Instance)).Read();

    private JobFiles? _files;

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private void Write(string name, string rules) => File.WriteAllText(PathOf($"{name}.json"), Text(name, rules));

    private static string Text(string name, string rules) =>
        $$"""
            {
              "name": "{{name}}", "kind": "backup",
              "source": { "host": "h.example", "password": "env:SECRET" },
              "archive": { "location": "/srv/archive" }, "allowSharedTarget": true,
              "mailboxes": [{ "name": "ann", "source": { "user": "ann" } }, { "name": "bob", "source": { "user": "bob" } }],
              "upkeep": { {{rules.Replace("\n", " ")}} }
            }
            """;
}
