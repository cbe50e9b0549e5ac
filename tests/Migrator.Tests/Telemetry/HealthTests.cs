using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Migrator.Core.JobRuns;
using Migrator.Core.Migrations;
using Xunit;
using static Migrator.Tests.Telemetry.Jobs;

namespace Migrator.Tests.Telemetry;

/// <summary>What a load balancer, an orchestrator and a monitor ask.</summary>
[Collection(nameof(SeenWorker))]
public sealed class HealthTests
{
    [Fact]
    public async Task A_worker_is_ready_once_its_jobs_are_read_and_while_its_store_takes_heartbeats()
    {
        await using var worker = await SeenWorker.StartAsync();

        var before = await worker.AskAsync("/health/ready");
        worker.Catalogue.Replace([], []);
        var unheard = await worker.AskAsync("/health/ready");
        await worker.HeartbeatAsync();
        var ready = await worker.AskAsync("/health/ready");
        worker.JobRuns.Broken = new JobRunStoreException("the database is away");
        await worker.HeartbeatAsync();
        var broken = await worker.AskAsync("/health/ready");
        var alive = await worker.AskAsync("/health/live");
        worker.JobRuns.Broken = null;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, before.Code);
        Assert.Contains("not read yet", before.Body.GetProperty("problems")[0].GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unheard.Code);
        Assert.Equal(HttpStatusCode.OK, ready.Code);
        Assert.Equal("ok", ready.Body.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, broken.Code);
        Assert.Contains("the database is away", broken.Body.GetProperty("problems")[0].GetString());
        Assert.Equal(HttpStatusCode.OK, alive.Code);
    }

    [Fact]
    public async Task A_worker_that_shuts_down_is_not_ready()
    {
        await using var worker = await SeenWorker.StartAsync();
        worker.Catalogue.Replace([], []);
        var asked = new TaskCompletionSource<(HttpStatusCode Code, System.Text.Json.JsonElement Body)>();
        var lifetime = worker.Application.Services.GetRequiredService<IHostApplicationLifetime>();
        // Told of the shutdown before the server stops listening.
        lifetime.ApplicationStopping.Register(() => asked.SetResult(worker.AskAsync("/health/ready").GetAwaiter().GetResult()));

        await worker.Application.StopAsync(TestContext.Current.CancellationToken);

        var (code, body) = await asked.Task;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains("shutting down", body.GetProperty("problems")[0].GetString());
    }

    [Fact]
    public async Task Jobs_whose_mailboxes_are_overdue_are_named_with_them()
    {
        await using var worker = await SeenWorker.StartAsync();
        var (jobRuns, now) = (worker.JobRuns, worker.JobRuns.Now);
        string[] names = [.. Enumerable.Range(10, 25).Select(number => $"box{number}")];
        worker.Catalogue.Replace(
            [Job("fine", TimeSpan.FromDays(1), null, "ann"), Job("nightly", null, TimeSpan.FromHours(30), [.. names, "good", "new"])],
            []
        );
        jobRuns.Mailboxes.Add(Run("fine", "ann", MailboxRunState.Complete, now.AddHours(-1), now.AddHours(-1)));
        jobRuns.Mailboxes.AddRange(
            names.Select((name, index) => Run("nightly", name, MailboxRunState.Failed, now.AddHours(-1), now.AddHours(-31 - index)))
        );
        jobRuns.Mailboxes.Add(Run("nightly", "good", MailboxRunState.Complete, now.AddHours(-1), now.AddHours(-1)));

        var all = await worker.AskAsync("/health/jobs");
        var fine = await worker.AskAsync("/health/jobs/fine");
        var nightly = await worker.AskAsync("/health/jobs/nightly");
        var unknown = await worker.AskAsync("/health/jobs/none");
        jobRuns.Paused.Add("nightly");
        var paused = await worker.AskAsync("/health/jobs/nightly");
        jobRuns.Broken = new JobRunStoreException("the database is away");
        var broken = await worker.AskAsync("/health/jobs");
        jobRuns.Broken = null;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, all.Code);
        Assert.Equal(["fine", "nightly"], all.Body.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("job").GetString()));
        Assert.Equal(HttpStatusCode.OK, fine.Code);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, nightly.Code);
        var job = nightly.Body.GetProperty("jobs")[0];
        Assert.Equal("overdue", job.GetProperty("status").GetString());
        Assert.Equal(25, job.GetProperty("overdue").GetInt32());
        Assert.Equal(27, job.GetProperty("mailboxes").GetInt32());
        Assert.Equal(30 * 3600, job.GetProperty("overdueAfterSeconds").GetDouble());
        Assert.Equal(names.Reverse().Take(20), job.GetProperty("names").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(HttpStatusCode.NotFound, unknown.Code);
        Assert.Equal(HttpStatusCode.OK, paused.Code);
        Assert.Equal("paused", paused.Body.GetProperty("jobs")[0].GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, broken.Code);
    }

    [Fact]
    public async Task A_mailbox_that_fails_every_night_from_the_first_is_overdue_though_each_run_is_young()
    {
        await using var worker = await SeenWorker.StartAsync();
        var (jobRuns, now) = (worker.JobRuns, worker.JobRuns.Now);
        worker.Catalogue.Replace([Job("nightly", TimeSpan.FromDays(1), null, "ann")], []);
        jobRuns.Mailboxes.Add(Run("nightly", "ann", MailboxRunState.Running, now.AddMinutes(-5)));

        var first = await worker.AskAsync("/health/jobs");
        jobRuns.History.AddRange(Enumerable.Range(1, 3).Select(day => Run("nightly", "ann", MailboxRunState.Failed, now.AddDays(-day))));
        var third = await worker.AskAsync("/health/jobs");

        Assert.Equal(HttpStatusCode.OK, first.Code);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, third.Code);
    }
}
