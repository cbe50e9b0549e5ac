using Migrator.Core.Failures;
using Migrator.Core.JobRuns;
using Xunit;

namespace Migrator.Tests.Conformance;

/// <summary>What stays recorded, and what goes.</summary>
public abstract partial class JobRunStoreConformance
{
    [Fact]
    public async Task Much_that_is_old_goes_all_of_it()
    {
        var plan = new JobRunPlan(
            "nightly",
            JobRunTrigger.Schedule,
            null,
            null,
            [
                .. Enumerable
                    .Range(0, 11_000)
                    .Select(number => new PlannedMailboxRun($"m{number}", "", "", [], new Failure("invalid-mailbox", "", ""))),
            ]
        );
        await Store.StartAsync(plan, Stop);
        var kept = await Store.StartAsync(plan, Stop);
        Time.Advance(TimeSpan.FromDays(100));

        await Store.PurgeAsync(Time.GetUtcNow().AddDays(-90), Stop);

        var jobRun = Assert.Single(await Store.JobRunsAsync("nightly", 9, Stop));
        Assert.Equal((kept.JobRun, 11_000), (jobRun.JobRun, jobRun.Runs.Failed));
        Assert.All(await Store.HistoryAsync(new HistoryQuery("nightly", null, 20_000), Stop), run => Assert.Equal(kept.JobRun, run.JobRun));
    }

    [Fact]
    public async Task Old_JobRuns_go_and_the_last_of_each_mailbox_stays()
    {
        var first = (await StartAsync("nightly", "ann", "bob")).JobRun;
        foreach (var run in await ClaimAsync("w1", 9))
            await Store.EndAsync(End(run, MailboxRunState.Complete) with { Report = "{}" }, Stop);
        var good = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromDays(1));
        await StartAsync("nightly", "ann");
        await Store.EndAsync(End((await ClaimAsync("w1", 9))[0], MailboxRunState.Failed), Stop);
        Time.Advance(TimeSpan.FromDays(100));
        await StartAsync("nightly", "ann");

        await Store.PurgeAsync(Time.GetUtcNow().AddDays(-90), Stop);

        Assert.Equal(
            [("bob", MailboxRunState.Complete)],
            (await Store.HistoryAsync(new HistoryQuery(null, null, 9), Stop)).Select(run => (run.Mailbox, run.State))
        );
        // What it came to does not shrink with what is left of it.
        Assert.Equal(
            (new RunCounts(0, 0, 2, 0, 0, 0), s_counts + s_counts),
            (await Store.JobRunsAsync(null, 9, Stop))
                .Where(jobRun => jobRun.JobRun == first)
                .Select(jobRun => (jobRun.Runs, jobRun.Messages))
                .Single()
        );
        Assert.Equal(
            [("ann", MailboxRunState.Waiting, good), ("bob", MailboxRunState.Complete, good)],
            (await Store.MailboxesAsync(null, Stop)).Select(mailbox => (mailbox.Mailbox, mailbox.State, mailbox.LastSuccess!.Value))
        );
    }

    [Fact]
    public async Task What_is_forgotten_ends_its_waiting_and_is_kept_in_the_history_only()
    {
        var jobRun = (await StartAsync("nightly", "ann", "bob", "cecil")).JobRun!.Value;
        await StartAsync("weekly", "bob");
        var ann = Assert.Single(await ClaimAsync("w1", 1));
        Assert.Equal("ann", ann.Mailbox);
        Assert.Equal(1, await Store.ForgetAsync("nightly", ["bob", "ann", "nobody"], Stop));
        Assert.Equal(
            [
                ("nightly", "ann", MailboxRunState.Running),
                ("nightly", "cecil", MailboxRunState.Waiting),
                ("weekly", "bob", MailboxRunState.Waiting),
            ],
            (await Store.MailboxesAsync(null, Stop)).Select(mailbox => (mailbox.Job, mailbox.Mailbox, mailbox.State))
        );
        Assert.Equal(
            ("bob", MailboxRunState.Cancelled),
            Assert.Single((await Store.HistoryAsync(new HistoryQuery("nightly", null, 9), Stop)).Select(run => (run.Mailbox, run.State)))
        );

        await Store.EndAsync(End(ann, MailboxRunState.Complete), Stop);
        Assert.Equal(2, await Store.ForgetAsync("nightly", ["ann", "cecil"], Stop));
        Assert.Equal(jobRun, (await Store.ClaimFinishedAsync(s_lease, Stop))!.JobRun);
        Time.Advance(TimeSpan.FromDays(100));
        await Store.PurgeAsync(Time.GetUtcNow().AddDays(-90), Stop);
        Assert.Empty(await Store.HistoryAsync(new HistoryQuery("nightly", null, 9), Stop));
        Assert.Empty(await Store.RunsOfAsync(jobRun, Stop));

        await StartAsync("nightly", "ann");
        Assert.Equal(
            (MailboxRunState.Waiting, null),
            (await Store.MailboxesAsync("nightly", Stop)).Select(mailbox => (mailbox.State, mailbox.LastSuccess)).Single()
        );
    }
}
