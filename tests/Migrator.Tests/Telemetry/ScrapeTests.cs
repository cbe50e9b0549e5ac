using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Backups;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;
using static Migrator.Tests.Telemetry.Jobs;

namespace Migrator.Tests.Telemetry;

/// <summary>A scrape over HTTP, as Prometheus does it.</summary>
[Collection(nameof(SeenWorker))]
public sealed class ScrapeTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scrape_says_what_a_migration_moved()
    {
        await using var worker = await SeenWorker.StartAsync();
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Name = $"scrape-{Guid.NewGuid():N}" };
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 30);
            await source.CreateAsync("Sub");
            await FillAsync(source, "Sub", 30, 12, size: 5000);
        }

        var report = await harness.RunAsync(Stop);
        await harness.RunAsync(Stop);
        var scrape = await worker.ScrapeAsync();

        (string, string)[] mine = [("migrator_job", harness.Job.Name), ("kind", "migrate")];
        (string, string)[] there = [.. mine, ("host", "localhost")];
        Assert.Equal(42, scrape.Value("migrator_messages_captured_total", there));
        Assert.Equal(42, scrape.Value("migrator_messages_delivered_total", there));
        Assert.Equal(report.Total.DeliveredBytes, scrape.Value("migrator_mail_read_bytes_total", there));
        Assert.Equal(report.Total.DeliveredBytes, scrape.Value("migrator_mail_written_bytes_total", there));
        Assert.Equal(2, scrape.Value("migrator_mailbox_run_duration_seconds_count", [.. mine, ("outcome", "complete")]));
        Assert.Equal("counter", scrape.Families["migrator_messages_delivered_total"].Type);
        Assert.Equal("histogram", scrape.Families["migrator_mailbox_run_duration_seconds"].Type);
        Assert.Empty(scrape.Of("migrator_messages_failed_total", mine));
        // Nothing that grows with the number of mailboxes.
        Assert.DoesNotContain(harness.SourceUser, scrape.Text);
        Assert.DoesNotContain(harness.TargetUser, scrape.Text);
        Assert.Contains(scrape.Families.Keys, name => name.StartsWith("mailkit_net_imap_", StringComparison.Ordinal));
        Assert.DoesNotContain(
            scrape.Families.Keys,
            name => name.StartsWith("mailkit_net_imap_client_connection_duration", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_backup_and_its_restore_are_counted_as_what_they_are()
    {
        await using var worker = await SeenWorker.StartAsync();
        await using var harness = new Harness(servers.Old, servers.New);
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 7);
        var job = new RunIdentity($"kept-{Guid.NewGuid():N}", "ann", 1);
        await using var archives = new ArchiveHarness(new MemoryBlobStore(), new MemoryBlobStore());
        var archive = await archives.CreateAsync(Stop);

        var backup = await new Backup(
            new Transfer("any", harness.Job.Source.Account, archive.Location, FolderRules.All, RunOptions.Default),
            harness.Ends.OpenSource,
            archive,
            SourceDeletionPolicy.Never,
            harness.SpoolPath,
            TimeProvider.System,
            NullLogger.Instance
        ).RunAsync(new RunProgress { Identity = job }, Stop);
        var snapshot = await archives.LatestAsync(harness.Job.Source.Account, Stop);
        var (name, sessions) = (
            (await archive.SnapshotsAsync(harness.Job.Source.Account, Stop))[^1],
            await archives.SessionsAsync(snapshot, Stop)
        );
        await using (var store = harness.OpenStore())
        {
            await new Restore(
                snapshot,
                Restore.Plan(archive, name, snapshot, harness.Job.Target.Account, [], RestoreMode.Missing),
                new MailboxEndpoints((_, stop) => sessions(stop), harness.Ends.OpenTarget),
                store,
                RestoreMode.Missing,
                harness.SpoolPath,
                TimeProvider.System,
                NullLogger.Instance
            ).RunAsync(new RunProgress { Identity = job }, Stop);
        }
        var scrape = await worker.ScrapeAsync();

        var mine = ("migrator_job", job.Job);
        Assert.Equal(7, scrape.Value("migrator_messages_captured_total", mine, ("kind", "backup"), ("host", "localhost")));
        Assert.Equal(
            backup.Total.DeliveredBytes,
            scrape.Value("migrator_mail_written_bytes_total", mine, ("kind", "backup"), ("host", "local"))
        );
        Assert.Equal(7, scrape.Value("migrator_messages_captured_total", mine, ("kind", "restore"), ("host", "local")));
        Assert.Equal(7, scrape.Value("migrator_messages_delivered_total", mine, ("kind", "restore"), ("host", "localhost")));
        Assert.Equal(1, scrape.Value("migrator_mailbox_run_duration_seconds_count", mine, ("kind", "backup"), ("outcome", "complete")));
    }

    [Fact]
    public async Task What_a_server_refuses_is_counted_by_reason()
    {
        await using var strict = await DovecotServer.StartAsync(new DovecotOptions(MaxMailSize: 1000));
        await using var worker = await SeenWorker.StartAsync();
        await using var harness = new Harness(servers.Old, strict);
        harness.Job = harness.Job with { Name = $"refused-{Guid.NewGuid():N}" };
        await using (var source = await harness.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 3);
            await FillAsync(source, "INBOX", 3, 2, size: 4000);
        }

        var report = await harness.RunAsync(Stop);
        var scrape = await worker.ScrapeAsync();

        foreach (var reason in report.Failures.CountBy(failure => failure.Failure.Code))
            Assert.Equal(
                reason.Value,
                scrape.Value("migrator_messages_failed_total", ("migrator_job", harness.Job.Name), ("reason", reason.Key))
            );
        Assert.Equal(2, scrape.Of("migrator_messages_failed_total", ("migrator_job", harness.Job.Name)).Sum(sample => sample.Value));
        Assert.Equal(3, scrape.Value("migrator_messages_delivered_total", ("migrator_job", harness.Job.Name)));
    }

    [Fact]
    public async Task A_lost_connection_is_a_backoff_and_a_refused_login_a_failed_run()
    {
        await using var worker = await SeenWorker.StartAsync();
        var cut = 0;
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            CutWhen = (fromServer, text) =>
                !fromServer && text.Contains("UID FETCH", StringComparison.Ordinal) && Interlocked.Increment(ref cut) == 1,
        };
        await using var harness = new Harness(servers.Old, servers.New, proxy.Port, servers.New.ImapPort);
        harness.Job = harness.Job with { Name = $"lost-{Guid.NewGuid():N}" };
        await using (var source = await harness.SourceAsync())
            await FillAsync(source, "INBOX", 0, 5);

        await harness.RunAsync(Stop);
        await harness.RunAsync(
            Stop,
            endpoints: harness.Ends with
            {
                OpenTarget = new Migrator.Mail.Imap.ImapConnector(harness.Job.Target, "wrong").OpenTargetAsync,
            }
        );
        var scrape = await worker.ScrapeAsync();

        Assert.Equal(1, scrape.Value("migrator_server_backoffs_total", ("migrator_job", harness.Job.Name), ("reason", "connection-lost")));
        Assert.Equal(
            1,
            scrape.Value("migrator_mailbox_runs_failed_total", ("migrator_job", harness.Job.Name), ("reason", "authentication-failed"))
        );
        Assert.Equal(
            1,
            scrape.Value("migrator_mailbox_run_duration_seconds_count", ("migrator_job", harness.Job.Name), ("outcome", "aborted"))
        );
    }

    [Fact]
    public async Task The_JobRun_store_is_seen_as_gauges()
    {
        await using var worker = await SeenWorker.StartAsync();
        var (jobRuns, now) = (worker.JobRuns, worker.JobRuns.Now);
        worker.Catalogue.Replace([Job("gauged", mailboxes: ["ann", "bob", "cyd", "dan"]), Job("idle", mailboxes: ["eve"])], []);
        jobRuns.Mailboxes.AddRange([
            Run("gauged", "ann", MailboxRunState.Running, now.AddHours(-1), now.AddHours(-25)),
            Run("gauged", "bob", MailboxRunState.Waiting, now.AddMinutes(-10), now.AddHours(-30)),
            Run("gauged", "cyd", MailboxRunState.Partial, now.AddHours(-1), now.AddHours(-2)),
            // No longer in the job.
            Run("gauged", "old", MailboxRunState.Failed, now.AddDays(-90), now.AddDays(-90)),
        ]);
        jobRuns.Workers.AddRange([new("a", "m", now, now, true, 1), new("b", "m", now, now.AddHours(-1), false, 0)]);

        var scrape = await worker.ScrapeAsync();

        var gauged = ("migrator_job", "gauged");
        Assert.Equal(1, scrape.Value("migrator_mailbox_runs_waiting", gauged));
        Assert.Equal(1, scrape.Value("migrator_mailbox_runs_running", gauged));
        Assert.Equal(600, scrape.Value("migrator_mailbox_runs_waiting_age_seconds", gauged));
        Assert.Equal(30 * 3600, scrape.Value("migrator_job_lag_seconds", gauged));
        Assert.Equal(1, scrape.Value("migrator_mailboxes_incomplete", gauged));
        Assert.Equal(4, scrape.Value("migrator_mailboxes", gauged));
        Assert.Equal(0, scrape.Value("migrator_mailbox_runs_waiting", ("migrator_job", "idle")));
        Assert.Empty(scrape.Of("migrator_job_lag_seconds", ("migrator_job", "idle")));
        Assert.Equal(1, scrape.Value("migrator_workers_alive"));
        Assert.Equal("gauge", scrape.Families["migrator_workers_alive"].Type);
    }

    [Fact]
    public async Task A_JobRun_that_is_recorded_is_counted()
    {
        await using var worker = await SeenWorker.StartAsync();
        var plan = new JobRunPlan($"round-{Guid.NewGuid():N}", JobRunTrigger.Retry, null, null, []);

        await worker.JobRuns.StartInstrumentedAsync(plan, Stop);
        worker.JobRuns.Started = new JobRunStarted(null, 0, ["ann"]);
        await worker.JobRuns.StartInstrumentedAsync(plan, Stop);
        var scrape = await worker.ScrapeAsync();

        Assert.Equal(1, scrape.Value("migrator_job_runs_started_total", ("migrator_job", plan.Job), ("kind", "retry")));
    }
}
