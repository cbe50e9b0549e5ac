// The variable TESTED_MIGRATOR names the published program that all of these measure; without it, what is built, which starts slower.
// Copies a mailbox between two real servers with Migrator and, where it is installed, with mbsync, in turns: in 12 folders, in one, and
// with a round trip of 50 ms. Prints medians.
//   dotnet run -c Release --project tests/Migrator.Benchmarks [MESSAGES] [ROUNDS]
//   dotnet run -c Release --project tests/Migrator.Benchmarks archive [MESSAGES] [ROUNDS]
// Backs it up into archives, beside mbsync, restic and mpop where they are installed, and restores it.
//   dotnet run -c Release --project tests/Migrator.Benchmarks archive-scale [MAILBOXES] [NIGHTS] [MESSAGES] [ROUNDS] [DIRECTORY] [WORD ...]
// Makes an archive of so many mailboxes, nights and messages (default: 100, 365 and 1,000,000), and measures every command there; needs
// Azurite. With a directory, the archive is made there and stays, or is used again. With words, such as restore and
// prune, only the commands that begin with one.
//   dotnet run -c Release --project tests/Migrator.Benchmarks archive-kills [KILLS] [SEED]
// Kills backups, prunes and repairs of an archive so often (default: 1,000), and proves that nothing is lost or altered by that.
//   dotnet run -c Release --project tests/Migrator.Benchmarks kills [KILLS] [SEED]
// Kills copies, plain and pipelined, backups and restores so often (default: 1,000), and proves that no message is lost, doubled or altered
// by that.
//   dotnet run -c Release --project tests/Migrator.Benchmarks walk [SEED] [OPERATIONS] [follow]
// Does so many things (default: 5,000) to two mailboxes by chance, with runs in between that fail at some step, and compares the target
// with what the documentation promises; with "follow", of a job that follows what is moved, renamed and deleted at the source.
//   dotnet run -c Release --project tests/Migrator.Benchmarks gmail-days [MEGABYTES] [SEED]
// Copies a mailbox (default: 3,000 MB) to a simulated Gmail that takes 500 MB a day, on a clock on which a day is over at once, and kills
// processes meanwhile: proves that it arrives, that the account is never locked out, and that forecasts are right.
//   dotnet run -c Release --project tests/Migrator.Benchmarks organisation [MAILBOXES] [ROUNDS] [QUIET]
// Migrates many mailboxes of 100 messages with 1, 2 and 4 workers on one PostgreSQL; then looks at QUIET mailboxes in which nothing is new.
//   dotnet run -c Release --project tests/Migrator.Benchmarks idle [JOBS] [SECONDS]
// Lets a service with so many jobs (default: 50) wait for so long (default: 120), and says what that costs, and what a scrape of its
// metrics takes.
//   dotnet run -c Release --project tests/Migrator.Benchmarks check [MESSAGES] [FOLDERS] [ROUNDS]
// Asks what a run would do with so much mail (default: 100,000 messages in 1,000 folders), before it was copied and after.
//   dotnet run -c Release --project tests/Migrator.Benchmarks large-folder [ROUNDS] [MESSAGES ...]
// Copies and backs up one folder of so many small messages (default: 10,000, 100,000 and 1,000,000), then what little is new in it, and
// runs each command that goes through all of them.
//   dotnet run -c Release --project tests/Migrator.Benchmarks large-message [MEGABYTES]
// Moves one message of such a size (default: 150 MB) by each command that moves mail.
//   dotnet run -c Release --project tests/Migrator.Benchmarks folders [COUNT ...]
// Copies and backs up a mailbox of so many folders (default: 1,000, 3,000 and 10,000), of which one in ten has a message.
//   dotnet run -c Release --project tests/Migrator.Benchmarks nights [NIGHTS] [MESSAGES]
// Backs up a mailbox (default: 10,000 messages) for so many nights (default: 365), in each of which 50 things change, and says what a night
// costs early and late.
//   dotnet run -c Release --project tests/Migrator.Benchmarks floor [MESSAGES] [ROUNDS]
// Passes the same mailbox from server to server without doing anything else, beside mbsync: what is left to gain by a program
// that uses the same commands.
//   dotnet run -c Release --project tests/Migrator.Benchmarks backup-round [MAILBOXES] [ROUNDS]
// Lets a service back up many mailboxes (default: 1,000) of 10 messages, and says what a round takes in which nothing is new.
//   dotnet run -c Release --project tests/Migrator.Benchmarks fuzz MINUTES [TARGET] [SEED]
// Gives changed bytes to each reader of foreign bytes (or to one) for so many minutes: answers of servers, files, blobs of archives, job
// files. The seed is random and printed; an input at which a reader fails is written to a file that is named.
using System.Globalization;
using Migrator.Benchmarks;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;

if (args is ["archive", .. var rest])
{
    await using var server = await DovecotServer.StartAsync();
    await new ArchiveBenchmark(server, Number(rest, 0, 10_000), Number(rest, 1, 3)).RunAsync();
    return;
}

if (args is ["archive-scale", .. var scale])
{
    await using var server = await DovecotServer.StartAsync();
    await new ArchiveScaleBenchmark(
        server,
        Number(scale, 0, 100),
        Number(scale, 1, 365),
        Number(scale, 2, 1_000_000),
        Number(scale, 3, 5),
        scale.Length > 4 ? scale[4] : null,
        [.. scale.Skip(5)]
    ).RunAsync();
    return;
}

if (args is ["archive-kills", .. var much])
{
    await using var server = await DovecotServer.StartAsync();
    using var directory = new Scratch();
    var kills = new ArchiveKills(server, directory.Path, Number(much, 1, Environment.TickCount), Console.WriteLine);
    await kills.RunAsync(Number(much, 0, 1000), CancellationToken.None);
    var byCommand = string.Join(", ", kills.ByCommand.Select(command => $"{command.Key} {command.Value:N0}"));
    var compared = FormattableString.Invariant($"{kills.SnapshotsCompared:N0} snapshots compared");
    Console.WriteLine(
        FormattableString.Invariant($"{kills.Kills:N0} kills ({byCommand}); {compared}, each exactly as it was. Check is clean.")
    );
    return;
}

if (args is ["kills", .. var often])
{
    await using var source = await DovecotServer.StartAsync();
    await using var plain = await DovecotServer.StartAsync();
    await using var pipelined = await DovecotServer.StartAsync(new DovecotOptions(Hidden: ["MULTIAPPEND"]));
    using var directory = new Scratch();
    var seed = Number(often, 1, Environment.TickCount);
    Console.WriteLine($"Seed {seed}.");
    var kills = new CopyKills(source, plain, pipelined, directory.Path, seed, Console.WriteLine);
    await kills.RunAsync(Number(often, 0, 1000));
    var byCommand = string.Join(", ", kills.ByCommand.Select(command => $"{command.Key} {command.Value:N0}"));
    Console.WriteLine(
        FormattableString.Invariant($"{kills.Kills:N0} kills ({byCommand}); {kills.Damage.Compared:N0} messages compared: {kills.Damage}.")
    );
    Environment.ExitCode = kills.Damage.IsNone ? 0 : 1;
    return;
}

if (args is ["walk", .. var far])
{
    await using var source = await DovecotServer.StartAsync();
    await using var target = await DovecotServer.StartAsync();
    var (seed, operations) = (Number(far, 0, Environment.TickCount), Number(far, 1, 5000));
    Console.WriteLine($"Seed {seed}.");
    var (failures, complete) = (0, 0);
    // A mailbox that grows for ever is read for ever.
    for (var done = 0; done < operations; done += 500)
    {
        using var directory = new Scratch();
        var walk = new RandomWalk(source, target, directory.Path, seed + (done / 500), Console.WriteLine, far is [.., "follow"]);
        await walk.RunAsync(Math.Min(500, operations - done), CancellationToken.None);
        (failures, complete) = (failures + walk.Failures, complete + walk.Complete);
    }
    Console.WriteLine(
        FormattableString.Invariant($"{operations:N0} operations, {failures:N0} failures, {complete:N0} complete runs: all as promised.")
    );
    return;
}

if (args is ["gmail-days", .. var large])
{
    await using var server = await DovecotServer.StartAsync();
    await using var gmail = await GmailServer.StartAsync();
    await new GmailDays(server, gmail, Number(large, 0, 3000), Number(large, 1, 1)).RunAsync();
    return;
}

if (args is ["gmail-days-process", var from, var to, var state, var shift])
{
    await new GmailDaysProcess(
        int.Parse(from, CultureInfo.InvariantCulture),
        int.Parse(to, CultureInfo.InvariantCulture),
        state,
        TimeSpan.FromTicks(long.Parse(shift, CultureInfo.InvariantCulture))
    ).RunAsync();
    return;
}

if (args is ["idle", .. var wait])
{
    await using var source = await DovecotServer.StartAsync();
    await using var target = await DovecotServer.StartAsync();
    await new IdleBenchmark(source, target, Number(wait, 0, 50), Number(wait, 1, 120)).RunAsync();
    return;
}

if (args is ["check", .. var asked])
{
    await using var source = await DovecotServer.StartAsync();
    await using var target = await DovecotServer.StartAsync();
    await new CheckBenchmark(source, target, Number(asked, 0, 100_000), Number(asked, 1, 1000), Number(asked, 2, 3)).RunAsync();
    return;
}

if (args is ["large-folder", .. var counts])
{
    await using var source = await DovecotServer.StartAsync(new DovecotOptions(Format: "mdbox"));
    await using var target = await DovecotServer.StartAsync(new DovecotOptions(Format: "mdbox"));
    IEnumerable<int> folders =
        counts.Length > 1 ? counts.Skip(1).Select(count => int.Parse(count, CultureInfo.InvariantCulture)) : [10_000, 100_000, 1_000_000];
    await new LargeFolderBenchmark(source, target, Number(counts, 0, 5)).RunAsync([.. folders]);
    return;
}

if (args is ["large-message", .. var megabytes])
{
    await using var source = await DovecotServer.StartAsync();
    await using var target = await DovecotServer.StartAsync();
    await new LargeMessageBenchmark(source, target, Number(megabytes, 0, 150)).RunAsync();
    return;
}

if (args is ["folders", .. var many])
{
    await using var source = await DovecotServer.StartAsync();
    await using var target = await DovecotServer.StartAsync();
    IEnumerable<int> numbers =
        many.Length > 0 ? many.Select(count => int.Parse(count, CultureInfo.InvariantCulture)) : [1_000, 3_000, 10_000];
    await new FoldersBenchmark(source, target).RunAsync([.. numbers]);
    return;
}

if (args is ["nights", .. var year])
{
    await using var server = await DovecotServer.StartAsync();
    await new NightsBenchmark(server, Number(year, 0, 365), Number(year, 1, 10_000)).RunAsync();
    return;
}

if (args is ["floor", .. var least])
{
    await using var source = await DovecotServer.StartAsync();
    await using var target = await DovecotServer.StartAsync();
    await new FloorBenchmark(source, target, Number(least, 0, 10_000), Number(least, 1, 5)).RunAsync();
    return;
}

if (args is ["backup-round", .. var round])
{
    await using var server = await DovecotServer.StartAsync();
    await new BackupRoundBenchmark(server, Number(round, 0, 1000), Number(round, 1, 5)).RunAsync();
    return;
}

if (args is ["fuzz", var minutes, .. var which])
{
    var duration = TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture));
    var clean = await Fuzz.RunAsync(duration, which is [var target, ..] ? target : null, Number(which, 1, Environment.TickCount));
    Environment.ExitCode = clean ? 0 : 1;
    return;
}

if (args is ["organisation", .. var sizes])
{
    await using var source = await DovecotServer.StartAsync();
    await using var target = await DovecotServer.StartAsync();
    await using var postgres = await PostgresServer.StartAsync();
    var organisation = new OrganisationBenchmark(source, target, postgres, Number(sizes, 1, 3));
    await organisation.MoveAsync(Number(sizes, 0, 200), 100);
    await organisation.LookAsync(Number(sizes, 2, 1000), 5);
    return;
}

await using var old = await DovecotServer.StartAsync();
await using var @new = await DovecotServer.StartAsync();
await new CopyBenchmark(old, @new, Number(args, 0, 10_000), Number(args, 1, 5)).RunAsync();

static int Number(string[] given, int place, int usual) =>
    given.Length > place ? int.Parse(given[place], CultureInfo.InvariantCulture) : usual;
