using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Migrator.App.Output;
using Migrator.Core.JobRuns;
using Migrator.Core.Telemetry;
using Migrator.Storage.JobRuns;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>The service as an administrator has it.</summary>
public sealed class ServeTests(DovecotFixture servers)
{
    [Fact]
    public async Task Jobs_are_triggered_watched_paused_and_resumed_and_the_service_stops_on_request()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 10, 20);
        organisation.WriteJob();
        using var service = organisation.ServeAt(out var url);
        try
        {
            await organisation.RunAsync("jobs", "pause", "move");
            var triggered = await organisation.RunAsync("jobs", "trigger", "move");
            Assert.True(triggered.Code == ExitCode.Success, triggered.Output + triggered.Errors);
            Assert.Contains("10 mailboxes", triggered.Output);
            Assert.Contains("paused", (await organisation.RunAsync("jobs", "list")).Output);
            Assert.All(await StatesAsync(organisation), state => Assert.Equal("waiting", state));

            await organisation.RunAsync("jobs", "resume", "move");
            await UntilAsync(service, async () => (await StatesAsync(organisation)).All(state => state == "complete"));
            await organisation.ShouldHaveMovedAsync(organisation.People);
        }
        finally
        {
            service.Interrupt();
        }
        var (code, output, errors) = await service.EndAsync();
        Assert.True(code == ExitCode.Success, $"{code}: {output}{errors}");
        Assert.Contains($"The dashboard is at {url}", output + errors);
        Assert.Contains("has stopped", output + errors);
        Assert.DoesNotContain("   at ", output + errors);
    }

    [Fact]
    public async Task Whatever_is_in_progress_when_the_service_stops_continues_when_it_starts()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 6, 400, 2000);
        organisation.WriteJob();
        using var first = organisation.Serve();
        await organisation.RunAsync("jobs", "trigger", "move");
        await UntilAsync(first, async () => (await StatesAsync(organisation)).Any(state => state is "running" or "complete"));
        first.Interrupt();
        var (code, output, errors) = await first.EndAsync();
        Assert.True(code == ExitCode.Success, $"{code}: {output}{errors}");
        Assert.DoesNotContain("running", await StatesAsync(organisation));

        using var second = organisation.Serve();
        await UntilAsync(second, async () => (await StatesAsync(organisation)).All(state => state == "complete"));
        second.Interrupt();
        await second.EndAsync();
        await organisation.ShouldHaveMovedAsync(organisation.People);
    }

    [Fact]
    public async Task A_server_that_is_away_for_a_while_is_waited_for()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 5);
        var port = DovecotServer.FreePorts(1)[0];
        organisation.WriteJob(more: "\"maxAttempts\": 20,", sourcePort: port);
        using var service = organisation.Serve();
        await organisation.RunAsync("jobs", "trigger", "move");
        await UntilAsync(
            service,
            async () =>
                (await organisation.RunAsync("status", "--json")).Output.Contains("\"connection-refused\"", StringComparison.Ordinal)
        );
        Assert.All(await StatesAsync(organisation), state => Assert.True(state is "waiting" or "running", state));

        await using var back = new LoopbackProxy(servers.Old.ImapPort, port);
        await UntilAsync(service, async () => (await StatesAsync(organisation)).All(state => state == "complete"));
        await organisation.ShouldHaveMovedAsync(organisation.People);
        service.Interrupt();
        await service.EndAsync();
    }

    [Fact]
    public async Task A_server_that_hangs_up_before_a_word_is_waited_for()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 5);
        using var balancer = new TcpListener(IPAddress.Loopback, 0);
        balancer.Start();
        var port = ((IPEndPoint)balancer.LocalEndpoint).Port;
        organisation.WriteJob(more: "\"maxAttempts\": 20,", sourcePort: port);
        using var service = organisation.Serve();
        await organisation.RunAsync("jobs", "trigger", "move");
        (await balancer.AcceptTcpClientAsync(TestContext.Current.CancellationToken)).Dispose();
        balancer.Stop();

        await using var back = new LoopbackProxy(servers.Old.ImapPort, port);
        await UntilAsync(service, async () => (await StatesAsync(organisation)).All(state => state is "complete" or "failed"));
        Assert.Equal(["complete"], await StatesAsync(organisation));
        service.Interrupt();
        await service.EndAsync();
    }

    [Fact]
    public async Task A_mailbox_that_the_service_has_not_read_of_yet_is_waited_for()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 5);
        organisation.WriteJob();
        var list = await File.ReadAllTextAsync(organisation.List, stop);
        await File.WriteAllTextAsync(organisation.List, string.Join('\n', list.Split('\n')[..2]) + "\n", stop);
        using var service = organisation.Serve();
        await using var store = JobRunStore.Sqlite(Path.Combine(organisation.State, "job-runs.db"), TimeProvider.System);
        // As "migrator jobs trigger" does it, which has read the list as it is now, on a share where the service looks at times only.
        await store.StartAsync(
            new JobRunPlan(
                "move",
                JobRunTrigger.Manual,
                null,
                null,
                [new PlannedMailboxRun(organisation.People[1], "imap://a", "imap://b", [], null)]
            ),
            stop
        );
        await UntilAsync(service, async () => (await store.MailboxesAsync("move", stop))[0].Failure?.Code == "mailbox-gone");
        await File.WriteAllTextAsync(organisation.List, list, stop);
        await UntilAsync(service, async () => (await store.MailboxesAsync("move", stop))[0].State >= MailboxRunState.Complete);
        Assert.Equal(MailboxRunState.Complete, (await store.MailboxesAsync("move", stop))[0].State);
        await organisation.ShouldHaveMovedAsync(organisation.People[1]);
        service.Interrupt();
        await service.EndAsync();
    }

    [Fact]
    public async Task A_mailbox_at_which_every_worker_died_is_not_given_to_another()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var organisation = new Organisation(servers.Old, servers.New, 2, 5);
        organisation.WriteJob();
        var (deadly, time) = (organisation.People[0], new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(-1)));
        await using (var store = JobRunStore.Sqlite(Path.Combine(organisation.State, "job-runs.db"), time))
        {
            await store.StartAsync(
                new JobRunPlan(
                    "move",
                    JobRunTrigger.Schedule,
                    null,
                    null,
                    [new PlannedMailboxRun(deadly, "imap://a", "imap://b", [], null)]
                ),
                stop
            );
            for (var worker = 0; worker < 5; worker++)
            {
                Assert.Single(
                    await store.ClaimAsync(
                        new ClaimRequest(
                            $"w{worker}",
                            1,
                            new Dictionary<string, int?> { ["move"] = null },
                            new HostLimits(9, new Dictionary<string, int>()),
                            TimeSpan.FromSeconds(30)
                        ),
                        stop
                    )
                );
                time.Advance(TimeSpan.FromMinutes(1));
            }
        }
        using var service = organisation.Serve();
        await organisation.RunAsync("jobs", "trigger", "move");

        await UntilAsync(service, async () => (await StatesAsync(organisation)).All(state => state is "complete" or "failed"));

        var status = await organisation.RunAsync("status", "--json");
        Assert.Contains("workers-died", status.Output);
        Assert.Contains($"{deadly}: each of 5 workers", status.Output);
        await organisation.ShouldHaveMovedAsync(organisation.People[1]);
        Assert.Equal(["complete", "failed"], (await StatesAsync(organisation)).Order());
        // A person who has seen to it tries again.
        await organisation.RunAsync("jobs", "trigger", "move", "--failed");
        await UntilAsync(service, async () => (await StatesAsync(organisation)).All(state => state == "complete"));
        service.Interrupt();
        await service.EndAsync();
    }

    internal static async Task<IReadOnlyList<string>> StatesAsync(Organisation organisation) =>
        [
            .. (await organisation.RunAsync("status", "--json"))
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Where(line => line.GetProperty("event").GetString() == "mailbox")
                .Select(line => line.GetProperty("status").GetProperty("state").GetString()!),
        ];

    internal static async Task UntilAsync(MigratorProcess service, Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await holds())
        {
            if (service.HasEnded)
            {
                var (code, output, errors) = await service.EndAsync();
                Assert.Fail($"The service ended by itself: {code}: {output}{errors}");
            }
            if (patience.IsCancellationRequested)
            {
                service.Interrupt();
                var (code, output, errors) = await service.EndAsync();
                Assert.Fail($"What was waited for did not come about: {code}: {output}{errors}");
            }
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
