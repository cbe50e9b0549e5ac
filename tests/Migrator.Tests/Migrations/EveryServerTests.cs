using Migrator.App.Execution;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Archives;
using Migrator.Tests.Corpus;
using Migrator.Tests.Memory;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Migrations;

/// <summary>The same promises at servers of every make.</summary>
public sealed class EveryServerTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<ServerMake> Makes => [.. Enum.GetValues<ServerMake>()];

    [Theory]
    [MemberData(nameof(Makes))]
    public async Task What_a_server_holds_arrives_and_is_found_arrived(ServerMake make)
    {
        await using var server = await AnyServer.StartAsync(make);
        await FillServerAsync(server);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Source = server.Account };

        var first = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);
        ShouldHold(await server.ContentAsync(), (await harness.TargetContentAsync()).Folders);
        await using (var source = await server.LogInAsync())
            await FillAsync(source, server.Name("Work"), 100, 2);
        var later = await harness.RunAsync(Stop);

        Assert.True(first.Outcome == RunOutcome.Complete, Words(first));
        Assert.Empty(first.Differences);
        Assert.Equal((RunOutcome.Complete, 0L, first.Total.Delivered), (again.Outcome, again.Total.Delivered, again.Total.AlreadyThere));
        Assert.Equal((RunOutcome.Complete, 2L), (later.Outcome, later.Total.Delivered));
        Assert.Empty(verified.Differences);
        Assert.True(verified.Identical);
    }

    [Theory]
    [MemberData(nameof(Makes))]
    public async Task What_a_server_cannot_hold_the_run_has_said_before_verify_finds_it(ServerMake make)
    {
        await using var server = await AnyServer.StartAsync(make);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Target = server.Account };
        await using (var source = await harness.SourceAsync())
        {
            foreach (var message in OddMessages.All.Where(message => !message.OnDisk))
                await source.AppendAsync("INBOX", message.Bytes, message.Flags, message.Date);
            foreach (
                var folder in server.Nests
                    ? ["Work", "Work/2024", "Projects/Old/Deep", "Entwürfe & mehr"]
                    : new[] { "Work", "Projects/Old/Deep", "Entwürfe" }
            )
            {
                await source.CreateAsync(folder);
                await FillAsync(source, folder, 0, 5);
                await source.AppendAsync(folder, Letter(100), "\\Flagged later", DateTimeOffset.UnixEpoch.AddDays(9000));
            }
        }

        var report = await harness.RunAsync(Stop);
        var again = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.True(report.Total.AddsUp);
        Assert.Equal(OutcomeOf(report), report.Outcome);
        // imap4d renumbers a folder whenever it received mail, and loses some of what it took: then the folder fails.
        var failed = report.Folders.Where(folder => folder.Failure is not null).Select(folder => folder.Source).ToHashSet();
        var said = report
            .Failures.Select(failure => (failure.Folder, failure.Uid))
            .Concat(report.Differences.Select(difference => (difference.Folder, difference.Uid!.Value)))
            .ToHashSet();
        // What such a server took and nobody recognises there may be there twice after a second try: verify names it as extra.
        Assert.All(
            verified.Differences.Where(difference =>
                !server.Alters || difference.Kind is not (DifferenceKind.Extra or DifferenceKind.Duplicate)
            ),
            difference =>
                Assert.True(
                    failed.Contains(difference.Folder) || said.Contains((difference.Folder, difference.Uid!.Value)),
                    $"not said: {difference}"
                )
        );
        if (server.Alters)
            return;
        Assert.Equal((0L, report.Total.Delivered), (again.Total.Delivered, again.Total.AlreadyThere));
        Assert.True(failed.Count == 0, Words(report));
        Assert.Equal(report.Total.Delivered, (await server.ContentAsync()).Values.Sum(messages => (long)messages.Count));
        Assert.True(report.Total.Delivered > OddMessages.All.Count / 2, Words(report));
    }

    [Theory]
    [MemberData(nameof(Makes))]
    public async Task What_was_backed_up_comes_back(ServerMake make)
    {
        await using var archives = new ArchiveHarness(new MemoryBlobStore(TimeProvider.System), new MemoryBlobStore(TimeProvider.System));
        var archive = await archives.CreateAsync(Stop);
        RunReport first,
            again;
        IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> before;
        await using (var server = await AnyServer.StartAsync(make))
        {
            await FillServerAsync(server);
            var account = server.Account;
            Task<IMailSource> Source(IUidMap uidMap, CancellationToken stop) =>
                new ImapConnector(account, DovecotServer.Password).OpenSourceAsync(stop);
            first = await archives.BackUpAsync("ann", Source, Stop);
            again = await archives.BackUpAsync("ann", Source, Stop);
            before = await server.ContentAsync();
        }
        var snapshots = await archive.SnapshotsAsync("ann", Stop);
        // What a server alters cannot come back to it as it was.
        await using var fresh = await AnyServer.StartAsync(make == ServerMake.Mailutils ? ServerMake.Dovecot : make);
        var restored = await archives.RestoreAsync(
            await archives.LatestAsync("ann", Stop),
            "fresh",
            new ImapConnector(fresh.Account, DovecotServer.Password).OpenTargetAsync,
            Stop
        );

        Assert.True(first.Outcome == RunOutcome.Complete, Words(first));
        Assert.True(again.Outcome == RunOutcome.Complete, Words(again));
        Assert.True(restored.Outcome == RunOutcome.Complete, Words(restored));
        Assert.Equal(first.Total.Delivered, restored.Total.Delivered);
        // imap4d numbers an empty folder again at each look, so that each night finds another one.
        Assert.True(snapshots.Count == 1 || make == ServerMake.Mailutils, "nothing changed, and there is another snapshot");
        ShouldHold(before, await fresh.ContentAsync());
    }

    private static RunOutcome OutcomeOf(RunReport report) =>
        report.Total.Failed > 0
        || report.Folders.Any(folder => folder.Failure is not null)
        || report.Differences.Any(difference => difference.Kind == DifferenceKind.Content)
            ? RunOutcome.Partial
            : RunOutcome.Complete;

    private static string Words(RunReport report)
    {
        var details = new[] { report.Stopped?.Detail }
            .Concat(report.Folders.Select(folder => folder.Failure?.Detail))
            .Concat(report.Failures.Select(failure => failure.Failure.Detail))
            .Concat(report.Differences.Select(difference => difference.ToString()))
            .OfType<string>();
        return $"{report.Outcome}: {string.Join("; ", details.Take(5))}";
    }

    private static async Task FillServerAsync(AnyServer server)
    {
        await using var imap = await server.LogInAsync();
        await FillAsync(imap, "INBOX", 0, 25);
        await imap.AppendAsync(
            "INBOX",
            Letter(200, 100_000),
            "\\Flagged \\Answered" + (server.KeepsKeywords ? " later" : ""),
            new DateTimeOffset(2015, 3, 4, 5, 6, 7, TimeSpan.Zero)
        );
        foreach (
            var folder in new[]
            {
                server.Name("Work"),
                server.Name("Lists", "One"),
                server.Name("Entwürfe"),
                server.Nests ? server.Name("Work", "2024") : server.Name("Plain"),
            }
        )
        {
            await imap.CreateAsync(folder);
            await imap.RunAsync($"SUBSCRIBE {RawImap.Name(folder)}");
            await FillAsync(imap, folder, 30, 5);
        }
        await imap.CreateAsync(server.Name("Empty"));
    }

    private static void ShouldHold(
        IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> expected,
        IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> actual
    )
    {
        foreach (var (folder, messages) in expected)
            Assert.Equal(messages, actual[folder]);
    }
}
