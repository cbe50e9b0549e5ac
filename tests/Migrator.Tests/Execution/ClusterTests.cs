using Migrator.Core.JobRuns;
using Migrator.Storage.JobRuns;
using Migrator.Storage.Postgres;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Npgsql;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>Several workers on one database.</summary>
public sealed class ClusterTests(DovecotFixture servers, PostgresFixture postgres)
{
    private const int PerHost = 10;

    [Fact]
    public async Task Workers_that_die_or_are_held_up_lose_their_mailboxes_and_no_message_is_lost_or_doubled()
    {
        var (stop, people) = (TestContext.Current.CancellationToken, Proof.Of(60, 200));
        var database = await (await postgres.StartedAsync()).CreateDatabaseAsync();
        await using var organisation = new Organisation(servers.Old, servers.New, people, 25, 4000);
        var connection = Path.Combine(organisation.State, "database.txt");
        await File.WriteAllTextAsync(connection, database + "\n", stop);
        // After some mailboxes, the way to the new server is held up until one worker is dead and another stopped: in the middle of their
        // work.
        var (appended, heldUp, goOn) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        await using var proxy = new LoopbackProxy(servers.New.ImapPort)
        {
            Sees = (fromServer, text) =>
            {
                if (!fromServer && text.Contains(" APPEND ", StringComparison.Ordinal) && Interlocked.Increment(ref appended) == people / 3)
                    heldUp.TrySetResult();
            },
            HoldUp = () => heldUp.Task.IsCompleted ? goOn.Task : Task.CompletedTask,
        };
        organisation.WriteJob(targetPort: proxy.Port);
        organisation.WriteSettings(
            $$"""
            {
              "CheckpointStore": "PostgreSQL",
              "ConnectionStrings": { "Migrator": "file:{{connection}}" },
              "Worker": { "MaxConcurrency": 6, "PerHost": { "Default": {{PerHost}} } }
            }
            """
        );
        await using var store = JobRunStore.Postgres(new PostgresDatabase(database), owned: true);
        var workers = Enumerable.Range(0, 3).Select(_ => organisation.Serve("--json")).ToList();
        var (killed, held, third) = (workers[0], workers[1], workers[2]);
        using var sampling = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var sampled = SampleAsync(store, workers, sampling.Token);
        try
        {
            await UntilAsync(async () => (await store.WorkersAsync(stop)).Count(worker => worker.Alive) == 3);
            var triggered = await organisation.RunAsync("jobs", "trigger", "move");
            Assert.True(triggered.Code == 0, triggered.Output + triggered.Errors);

            await heldUp.Task.WaitAsync(TimeSpan.FromMinutes(3), stop);
            // Mailboxes whose last message had passed come to their end; all that the limit lets through are in progress again, and stuck.
            // One worker may have got none of them.
            var byBurden = new List<MigratorProcess>();
            await UntilAsync(async () =>
            {
                var running = (await store.MailboxesAsync("move", stop))
                    .Where(mailbox => mailbox.State == MailboxRunState.Running)
                    .ToList();
                byBurden = [.. workers.OrderByDescending(worker => running.Count(mailbox => IsOn(worker, mailbox.Worker)))];
                return running.Count == PerHost;
            });
            (killed, held, third) = (byBurden[0], byBurden[1], byBurden[2]);
            killed.Kill();
            held.Signal("STOP");
            await UntilAsync(() => Task.FromResult(killed.HasEnded && held.IsStopped));
            var (orphans, stolen) = await UnderWayAsync(database, killed, held);
            Assert.NotEmpty(orphans);
            Assert.NotEmpty(stolen);
            goOn.SetResult();
            await UntilAsync(async () =>
                (await RunningOnAsync(store, killed)).Count == 0 && (await RunningOnAsync(store, held)).Count == 0
            );
            // It wakes up in a world in which its mailboxes are another's.
            held.Signal("CONT");
            await UntilAsync(async () =>
                (await store.MailboxesAsync("move", stop)).All(mailbox => mailbox.State == MailboxRunState.Complete)
            );

            var mailboxes = await store.MailboxesAsync("move", stop);
            Assert.Equal(people, mailboxes.Count);
            var taken = mailboxes.Where(mailbox => orphans.Concat(stolen).Contains(mailbox.Run)).ToList();
            Assert.All(taken, mailbox => Assert.DoesNotContain($"-{killed.Id}-", mailbox.Worker));
            Assert.All(taken, mailbox => Assert.True(mailbox.Attempt > 1, $"{mailbox.Mailbox} was not taken over."));
        }
        finally
        {
            goOn.TrySetResult();
            await sampling.CancelAsync();
            held.Signal("CONT");
            held.Interrupt();
            third.Interrupt();
        }
        Assert.All(
            [await held.EndAsync(), await third.EndAsync()],
            ended => Assert.True(ended.Code == 0, $"{ended.Code}: {ended.Output}{ended.Errors}")
        );
        var (most, connections, samples) = await sampled;
        Assert.True(samples > 20, $"{samples} samples");
        Assert.InRange(most, 1, PerHost);
        Assert.InRange(connections, 1, PerHost);
        await organisation.ShouldHaveMovedAsync(organisation.People);
        workers.ForEach(worker => worker.Dispose());
    }

    private static bool IsOn(MigratorProcess worker, string? name) => name?.Contains($"-{worker.Id}-", StringComparison.Ordinal) == true;

    /// <summary>The runs that a worker has, by the store.</summary>
    private static async Task<IReadOnlyList<long>> RunningOnAsync(JobRunStore store, MigratorProcess worker) =>
        [
            .. (await store.MailboxesAsync("move", TestContext.Current.CancellationToken))
                .Where(mailbox => mailbox.State == MailboxRunState.Running && IsOn(worker, mailbox.Worker))
                .Select(mailbox => mailbox.Run),
        ];

    /// <summary>The runs that two workers had when they could do no more.</summary>
    private static async Task<(IReadOnlyList<long> First, IReadOnlyList<long> Second)> UnderWayAsync(
        string database,
        MigratorProcess first,
        MigratorProcess second
    )
    {
        await using var connection = new NpgsqlConnection(database);
        // What they sent last may still be on its way into the tables: the lock waits for it, where a plain read would count a run that is
        // ending.
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("SELECT id, worker FROM migrator.mailbox_run WHERE state = 1 FOR SHARE", connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var runs = new List<(long Id, string Worker)>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            runs.Add((reader.GetInt64(0), reader.GetString(1)));
        return (
            [.. runs.Where(run => IsOn(first, run.Worker)).Select(run => run.Id)],
            [.. runs.Where(run => IsOn(second, run.Worker)).Select(run => run.Id)]
        );
    }

    /// <summary>The most runs at a host at any moment, by the store, and the most connections to the old server, by the system.</summary>
    private async Task<(int Runs, int Connections, int Samples)> SampleAsync(
        JobRunStore store,
        IReadOnlyList<MigratorProcess> workers,
        CancellationToken stop
    )
    {
        var (runs, connections, samples) = (0, 0, 0);
        var kept = new HashSet<string>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                runs = Math.Max(
                    runs,
                    (await store.MailboxesAsync("move", CancellationToken.None)).Count(mailbox => mailbox.State == MailboxRunState.Running)
                );
                connections = Math.Max(connections, Connections(servers.Old.ImapPort, workers, kept));
                samples++;
                await Task.Delay(50, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        }
        return (runs, connections, samples);
    }

    /// <summary>Established connections from the workers, without those that a worker had while it was stopped: nobody can take them from
    /// it, and once it continues it still has them until it sees that its mailboxes are another's.</summary>
    private static int Connections(int port, IReadOnlyList<MigratorProcess> workers, HashSet<string> kept)
    {
        var remote = $":{port:X4}";
        var sockets = File.ReadLines("/proc/net/tcp")
            .Skip(1)
            .Concat(File.ReadLines("/proc/net/tcp6").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[2].EndsWith(remote, StringComparison.Ordinal) && columns[3] == "01")
            .Select(columns => $"socket:[{columns[9]}]")
            .ToHashSet();
        var running = workers.Where(worker => !worker.HasEnded).ToList();
        kept.UnionWith(running.Where(worker => worker.IsStopped).SelectMany(worker => OpenFiles(worker.Id)).Where(sockets.Contains));
        return running.Sum(worker => OpenFiles(worker.Id).Count(file => sockets.Contains(file) && !kept.Contains(file)));
    }

    private static IEnumerable<string> OpenFiles(int process)
    {
        try
        {
            return [.. new DirectoryInfo($"/proc/{process}/fd").EnumerateFiles().Select(file => file.LinkTarget).OfType<string>()];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(5));
        while (!await holds())
            await Task.Delay(20, patience.Token);
    }
}
