using Migrator.Core.Following;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Following;

/// <summary>Following a source of every make, and at a target of every make: what a server cannot do is named, and nothing is lost by
/// it.</summary>
public sealed class FollowEveryServerTests(DovecotFixture servers)
{
    private const string Deleted = "Deleted at the source";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<ServerMake> Makes => [.. Enum.GetValues<ServerMake>()];

    [Theory]
    [MemberData(nameof(Makes))]
    public async Task A_source_of_every_make(ServerMake make)
    {
        await using var server = await AnyServer.StartAsync(make);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Source = server.Account, Follow = FollowRules.Default };
        await using (var source = await server.LogInAsync())
            await ArrangeAsync(source, server);
        Assert.Equal(RunOutcome.Complete, (await harness.RunAsync(Stop)).Outcome);
        await using (var target = await harness.TargetAsync())
            await target.AppendAsync("INBOX", Letter(900), "");
        await using (var source = await server.LogInAsync())
            await ActAsync(source, server);

        var report = await harness.RunAsync(Stop);

        var there = (await harness.TargetContentAsync()).Folders;
        Assert.True(report.Outcome == RunOutcome.Complete, string.Join('\n', report.Problems.Select(problem => problem.Detail)));
        Assert.Single(there["INBOX"], message => message.Hash == Hash(900));
        // imap4d numbers a folder again whenever something changed in it: then nothing shows what was deleted.
        if (server.Alters)
            Assert.All(await server.ContentAsync(), folder => Assert.True(there[folder.Key].Count >= folder.Value.Count, folder.Key));
        else
            ShouldBeTheSame(await server.ContentAsync(), there, but: Hash(900));
        Assert.Equal(0, (await harness.RunAsync(Stop)).Total.Delivered);
    }

    [Theory]
    [MemberData(nameof(Makes))]
    public async Task A_target_of_every_make(ServerMake make)
    {
        await using var server = await AnyServer.StartAsync(make);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Target = server.Account, Follow = FollowRules.Default };
        await using (var source = await harness.SourceAsync())
            await ArrangeAsync(source, null);
        await harness.RunAsync(Stop);
        await using (var target = await server.LogInAsync())
            await target.AppendAsync("INBOX", Letter(900), "");
        var before = await server.ContentAsync();
        await using (var source = await harness.SourceAsync())
            await ActAsync(source, null);

        var report = await harness.RunAsync(Stop);

        var (here, there) = ((await harness.SourceContentAsync()).Folders, await server.ContentAsync());
        // Nothing is removed for good, whatever the server can do, and all that the source has is there.
        var left = there.Values.SelectMany(messages => messages).Select(message => message.Hash).ToList();
        Assert.True(left.Count >= before.Values.Sum(messages => messages.Count), $"{left.Count} messages are left");
        // Such a server changes the bytes of what it stores whenever it likes.
        if (server.Alters)
            return;
        Assert.All(before.Values.SelectMany(messages => messages), message => Assert.True(left.Remove(message.Hash), message.Hash));
        Assert.Contains(there["INBOX"], message => message.Hash == Hash(900));
        foreach (var (folder, messages) in here)
            Assert.All(messages, message => Assert.Contains(there[folder], copy => copy.Hash == message.Hash));
        if (report.Outcome == RunOutcome.Complete && report.Followed is { Kept: 0 })
            ShouldBeTheSame(here, there, but: Hash(900));
        else
            Assert.True(report.Problems.Count > 0 || report.Followed is { Kept: > 0 }, $"{make}: {report.Outcome} {report.Followed}");
        Assert.Equal(0, (await harness.RunAsync(Stop)).Total.Delivered);
    }

    private static string Hash(int letter) => Core.Mail.ContentId.Of(Letter(letter)).ToString();

    private static async Task ArrangeAsync(RawImap source, AnyServer? server)
    {
        foreach (var folder in new[] { "Work", "Other" })
            await source.CreateAsync(server?.Name(folder) ?? folder);
        await FillAsync(source, "INBOX", 0, 20);
        await FillAsync(source, server?.Name("Work") ?? "Work", 30, 4);
        await FillAsync(source, server?.Name("Other") ?? "Other", 40, 4);
    }

    /// <summary>Moves three messages, deletes one, and renames a folder.</summary>
    private static async Task ActAsync(RawImap source, AnyServer? server)
    {
        await source.RunAsync("SELECT INBOX");
        await source.RunAsync($"COPY 2:4 {RawImap.Name(server?.Name("Work") ?? "Work")}");
        await source.RunAsync("STORE 2:4,8 +FLAGS (\\Deleted)");
        await source.RunAsync("EXPUNGE");
        await source.RunAsync($"RENAME {RawImap.Name(server?.Name("Other") ?? "Other")} {RawImap.Name(server?.Name("New") ?? "New")}");
    }

    private static void ShouldBeTheSame(
        IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> source,
        IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> target,
        string but
    )
    {
        foreach (var (folder, messages) in target.Where(folder => folder.Key is not (Deleted or "Trash")))
            Assert.Equal(
                source.GetValueOrDefault(folder, []).Select(message => message.Hash).Order(),
                messages.Where(message => message.Hash != but).Select(message => message.Hash).Order()
            );
        Assert.Empty(source.Keys.Except(target.Keys));
    }
}
