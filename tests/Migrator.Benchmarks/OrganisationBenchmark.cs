using Migrator.Core.JobRuns;
using Migrator.Storage.JobRuns;
using Migrator.Storage.Postgres;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;

namespace Migrator.Benchmarks;

/// <summary>Many mailboxes, moved by one or more workers that share a PostgreSQL; all on one machine, so that more workers show what
/// sharing costs rather than what more machines would bring.</summary>
internal sealed class OrganisationBenchmark(DovecotServer old, DovecotServer @new, PostgresServer postgres, int rounds)
{
    private sealed record Result(TimeSpan Time, IReadOnlyList<long> Peaks);

    public async Task MoveAsync(int mailboxes, int messages)
    {
        List<string> people = [.. Enumerable.Range(0, mailboxes).Select(number => $"p{number:0000}")];
        var bytes = SampleMailbox.Fill(old, people, messages);
        var size = FormattableString.Invariant($"{mailboxes:N0} mailboxes of {messages} messages, {bytes / 1e6:N0} MB");
        Console.WriteLine(
            FormattableString.Invariant(
                $"{size}; Dovecot to Dovecot on loopback over TLS, {Environment.ProcessorCount} cores; medians of {rounds} rounds."
            )
        );
        var results = new Dictionary<int, List<Result>>
        {
            [1] = [],
            [2] = [],
            [4] = [],
        };
        var peers = new List<TimeSpan>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (workers, measured) in results)
            {
                await using var cluster = await ClusterAsync(workers, people, $"w{workers}r{round}");
                measured.Add(new Result(await cluster.RoundAsync(mailboxes * (long)messages), cluster.Peaks()));
                foreach (var person in people)
                    await HoldsAsync(person + $"w{workers}r{round}", messages);
            }
            if (File.Exists("/usr/bin/mbsync"))
                peers.Add((await MbsyncAsync(people, $"m{round}", 0))[0]);
        }
        Print(results, peers, mailboxes * messages, "messages/s");
    }

    /// <summary>Mailboxes that were moved before, and in which nothing is new.</summary>
    public async Task LookAsync(int mailboxes, int messages)
    {
        List<string> people = [.. Enumerable.Range(0, mailboxes).Select(number => $"q{number:0000}")];
        SampleMailbox.Fill(old, people, messages);
        Console.WriteLine(FormattableString.Invariant($"{Environment.NewLine}{mailboxes:N0} mailboxes in which nothing is new:"));
        var results = new Dictionary<int, List<Result>>
        {
            [1] = [],
            [2] = [],
            [4] = [],
        };
        foreach (var (workers, measured) in results)
        {
            await using (var first = await ClusterAsync(workers, people, $"l{workers}"))
            {
                await first.RoundAsync(mailboxes * (long)messages);
                for (var round = 0; round < rounds; round++)
                    measured.Add(new Result(await first.RoundAsync(0), first.Peaks()));
            }
        }
        Print(results, File.Exists("/usr/bin/mbsync") ? (await MbsyncAsync(people, "lm", rounds))[1..] : [], mailboxes, "mailboxes/s");
    }

    private static void Print(Dictionary<int, List<Result>> results, IReadOnlyList<TimeSpan> mbsync, int count, string rate)
    {
        Console.WriteLine();
        Console.WriteLine($"| workers | wall time | {rate, 11} | peak memory of a worker |");
        Console.WriteLine("|--------:|----------:|------------:|------------------------:|");
        foreach (var (workers, measured) in results)
        {
            var seconds = Statistics.Median(measured.Select(result => result.Time.TotalSeconds));
            var peak = Statistics.Median(measured.Select(result => (double)result.Peaks.Max())) / (1 << 20);
            Console.WriteLine(
                FormattableString.Invariant($"| {workers, 7} | {seconds, 7:0.0} s | {count / seconds, 11:N0} | {peak, 19:0} MiB |")
            );
        }
        if (mbsync.Count > 0)
        {
            var (line, seconds) = (Environment.NewLine, Statistics.Median(mbsync.Select(time => time.TotalSeconds)));
            Console.WriteLine(
                FormattableString.Invariant(
                    $"{line}mbsync, a process for each mailbox, 8 at once: {seconds:0.0} s, {count / seconds:N0} {rate}."
                )
            );
        }
    }

    private async Task<Cluster> ClusterAsync(int workers, List<string> people, string suffix)
    {
        var scratch = new Scratch();
        var (jobs, settings) = (
            Directory.CreateDirectory(Path.Combine(scratch.Path, "jobs")).FullName,
            Directory.CreateDirectory(Path.Combine(scratch.Path, "settings")).FullName
        );
        await File.WriteAllTextAsync(
            Path.Combine(jobs, "people.csv"),
            string.Join('\n', ["name,source.user,target.user", .. people.Select(person => $"{person},{person},{person}{suffix}")]) + "\n"
        );
        await File.WriteAllTextAsync(
            Path.Combine(jobs, "move.json"),
            $$"""
            {
              "mailboxes": "people.csv",
              "connections": 1,
              "source": { "host": "localhost", "port": {{old.ImapsPort}}, "password": "env:MIGRATOR_SOURCE_PASSWORD",
                  "certificate": { "fingerprint": "{{old.Fingerprint}}" } },
              "target": { "host": "localhost", "port": {{@new.ImapsPort}}, "password": "env:MIGRATOR_TARGET_PASSWORD",
                  "certificate": { "fingerprint": "{{@new.Fingerprint}}" } }
            }
            """
        );
        var database = await postgres.CreateDatabaseAsync();
        await File.WriteAllTextAsync(Path.Combine(scratch.Path, "database"), database);
        await File.WriteAllTextAsync(
            Path.Combine(settings, "appsettings.json"),
            $$"""
            { "CheckpointStore": "PostgreSQL", "ConnectionStrings": { "Migrator": "file:{{Path.Combine(
                scratch.Path,
                "database"
            )}}" }, "JobsDirectory": "{{jobs}}", "Worker": { "PerHost": { "Default": 1000 } } }
            """
        );
        return await Cluster.StartAsync(workers, scratch, settings, database);
    }

    private async Task HoldsAsync(string user, int messages)
    {
        await using var imap = await @new.LogInAsync(user);
        if (!(await imap.RunAsync("STATUS INBOX (MESSAGES)"))[0].Text.Contains($"MESSAGES {messages})", StringComparison.Ordinal))
            throw new InvalidOperationException($"{user} has not {messages} messages: the time means nothing.");
    }

    /// <returns>The first time, and as often again as asked for, when nothing is new.</returns>
    private async Task<List<TimeSpan>> MbsyncAsync(List<string> people, string suffix, int again)
    {
        using var scratch = new Scratch();
        await using var from = new Link(old, TimeSpan.Zero);
        await using var to = new Link(@new, TimeSpan.Zero);
        foreach (var person in people)
            await MbsyncConfiguration.WriteAsync(scratch.Path, from, person, to, person + suffix, person);
        var list = Path.Combine(scratch.Path, "all");
        await File.WriteAllLinesAsync(list, people.Select(person => Path.Combine(scratch.Path, person)));
        var times = new List<TimeSpan>();
        for (var pass = 0; pass <= again; pass++)
            times.Add((await Timed.RunAsync("xargs", ["-a", list, "-P", "8", "-n", "1", "/usr/bin/mbsync", "-a", "-c"])).Time);
        return times;
    }

    /// <summary>Workers, and what they have in common.</summary>
    private sealed class Cluster(Scratch scratch, string[] arguments, JobRunStore store, List<MigratorProcess> workers) : IAsyncDisposable
    {
        public static async Task<Cluster> StartAsync(int count, Scratch scratch, string settings, string database)
        {
            string[] arguments = ["--settings", settings];
            var cluster = new Cluster(scratch, arguments, JobRunStore.Postgres(new PostgresDatabase(database), owned: true), []);
            for (var number = 0; number < count; number++)
                cluster.Add();
            await UntilAsync(
                cluster,
                async () => (await cluster.Store.WorkersAsync(CancellationToken.None)).Count(worker => worker.Alive) == count
            );
            return cluster;
        }

        private JobRunStore Store => store;

        /// <returns>From its start to the end of its last run, by the database's clock.</returns>
        /// <exception cref="InvalidOperationException">Not as many messages were moved: the time means nothing.</exception>
        public async Task<TimeSpan> RoundAsync(long messages)
        {
            var (code, output, errors) = await MigratorProcess.RunAsync(scratch.Path, ["jobs", "trigger", "move", .. arguments]);
            if (code != 0)
                throw new InvalidOperationException(output + errors);
            var round = (await store.JobRunsAsync("move", 1, CancellationToken.None))[0].JobRun;
            await UntilAsync(this, async () => (await LastAsync()).Finished is not null);
            var last = await LastAsync();
            if (last.Runs.Complete != last.Runs.All || last.Messages.Delivered != messages)
                throw new InvalidOperationException($"Not everything was moved: {last.Runs}, {last.Messages}");
            return last.Finished!.Value - last.Started;

            async Task<JobRunStatus> LastAsync() =>
                (await store.JobRunsAsync("move", 1, CancellationToken.None)).Single(status => status.JobRun == round);
        }

        /// <summary>The largest resident set of each worker so far, in bytes.</summary>
        public IReadOnlyList<long> Peaks() => [.. workers.Select(worker => ProcessStatus.Bytes(worker.Id, "VmHWM"))];

        public async ValueTask DisposeAsync()
        {
            foreach (var worker in workers)
                worker.Interrupt();
            foreach (var worker in workers)
            {
                await worker.EndAsync();
                worker.Dispose();
            }
            await store.DisposeAsync();
            scratch.Dispose();
        }

        private void Add() =>
            workers.Add(
                MigratorProcess.Start(
                    scratch.Path,
                    ["serve", "--set", $"Dashboard:Urls=http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}", .. arguments]
                )
            );

        private static async Task UntilAsync(Cluster cluster, Func<Task<bool>> holds)
        {
            while (!await holds())
            {
                if (cluster.Ended is { } ended)
                    throw new InvalidOperationException($"A worker ended by itself: {(await ended.EndAsync()).Errors}");
                await Task.Delay(100);
            }
        }

        private MigratorProcess? Ended => workers.Find(worker => worker.HasEnded);
    }
}
