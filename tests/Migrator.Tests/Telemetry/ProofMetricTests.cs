using System.Text.Json;
using Migrator.App.Formatting;
using Migrator.App.Health;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
using Xunit;

namespace Migrator.Tests.Telemetry;

/// <summary>How long ago mailboxes were proved restorable, in a scrape.</summary>
[Collection(nameof(SeenWorker))]
public sealed class ProofMetricTests
{
    private const string Job = "kept";

    [Fact]
    public async Task A_scrape_says_how_old_the_oldest_proof_is_and_how_many_were_never_proved()
    {
        await using var worker = await SeenWorker.StartAsync();
        var now = worker.JobRuns.Now;
        worker.Catalogue.Replace(UpkeepJobs.With([Nightly()]), []);
        Put(
            worker,
            7,
            MailboxRunState.Partial,
            [new("ann", now.AddDays(-9), null, true), new("bob", now.AddDays(-2), null, false), new("left", null, null, false)]
        );

        var scrape = await worker.ScrapeAsync();

        // Carl has been backed up by nobody yet; one has left, and is still in the archive.
        Assert.Equal(2, scrape.Value("migrator_mailboxes_unproved", ("migrator_job", Job)));
        Assert.Equal(1, scrape.Value("migrator_mailboxes_frozen", ("migrator_job", Job)));
        Assert.Equal(TimeSpan.FromDays(9).TotalSeconds, scrape.Value("migrator_restore_proof_age_seconds", ("migrator_job", Job)));
        Assert.Equal(1, scrape.Value("migrator_mailboxes_incomplete", ("migrator_job", "kept.upkeep")));
    }

    [Fact]
    public async Task Before_the_first_upkeep_nothing_is_proved()
    {
        await using var worker = await SeenWorker.StartAsync();
        worker.Catalogue.Replace(UpkeepJobs.With([Nightly()]), []);

        var scrape = await worker.ScrapeAsync();

        Assert.Equal(3, scrape.Value("migrator_mailboxes_unproved", ("migrator_job", Job)));
        Assert.Empty(scrape.Of("migrator_restore_proof_age_seconds", ("migrator_job", Job)));
    }

    [Fact]
    public async Task While_an_upkeep_runs_or_cannot_reach_its_archive_the_report_before_it_counts()
    {
        await using var worker = await SeenWorker.StartAsync();
        var now = worker.JobRuns.Now;
        worker.Catalogue.Replace(UpkeepJobs.With([Nightly()]), []);
        Put(worker, 7, MailboxRunState.Complete, [new("ann", now.AddDays(-3), null, false)]);
        worker.JobRuns.History.Add(worker.JobRuns.Mailboxes[0] with { Run = 8, HasReport = false, State = MailboxRunState.Failed });
        worker.JobRuns.History.Add(worker.JobRuns.Mailboxes[0]);
        worker.JobRuns.Mailboxes[0] = worker.JobRuns.Mailboxes[0] with { Run = 9, HasReport = false, State = MailboxRunState.Running };

        var scrape = await worker.ScrapeAsync();

        Assert.Equal(TimeSpan.FromDays(3).TotalSeconds, scrape.Value("migrator_restore_proof_age_seconds", ("migrator_job", Job)));
    }

    [Fact]
    public async Task A_mailbox_of_a_job_is_found_by_what_it_is_called_in_its_archive()
    {
        var (jobRuns, nightly) = (new FixedJobRuns(), Nightly());
        var at = jobRuns.Now.AddDays(-1);
        var status = Jobs.Run("kept.upkeep", "/srv/archive", MailboxRunState.Complete, jobRuns.Now) with { Run = 3, HasReport = true };
        jobRuns.Reports[3] = Report([new("ann", at, null, false)]);

        var proofs = await new RestoreProofs(jobRuns).ReadAsync(
            UpkeepJobs.With([nightly]),
            new[] { status }.ToLookup(of => of.Job),
            TestContext.Current.CancellationToken
        );

        var find = RestoreProofs.Finder(proofs["kept"]);
        Assert.Equal([at, null, null], nightly.Mailboxes.Select(mailbox => find(mailbox)?.Proved));
        Assert.Null(RestoreProofs.Finder(null)(nightly.Mailboxes[0]));
    }

    private static void Put(SeenWorker worker, long run, MailboxRunState state, IReadOnlyList<MailboxProof> proofs)
    {
        worker.JobRuns.Mailboxes.Add(
            Jobs.Run("kept.upkeep", "/srv/archive", state, worker.JobRuns.Now) with
            {
                Run = run,
                HasReport = true,
            }
        );
        worker.JobRuns.Reports[run] = Report(proofs);
    }

    private static string Report(IReadOnlyList<MailboxProof> proofs) =>
        JsonSerializer.Serialize(
            new RunReport("kept.upkeep", "/srv/archive", "/srv/archive", default, default, RunOutcome.Complete, [], [], [], [], null)
            {
                Operation = Operation.Upkeep,
                Upkeep = new UpkeepResult(proofs, 0, 0, 0, 0, 0),
            },
            ReportJson.OneLine
        );

    private static JobDefinition Nightly() =>
        JobFile.Parse(
            """
            {
              "kind": "backup", "source": { "host": "h.example", "password": "env:SECRET" },
              "archive": { "location": "/srv/archive", "mailbox": "{name}" },
              "mailboxes": [{ "name": "ann", "source": { "user": "a" } }, { "name": "bob", "source": { "user": "b" } },
                { "name": "carl", "source": { "user": "c" } }],
              "upkeep": { "restoreTest": {} }
            }
            """,
            "/jobs/kept.json"
        );
}
