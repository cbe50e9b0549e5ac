using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Undoing;

/// <summary>Taking a migration back at a target of every make: what a server cannot do is named, and no mail of its user is lost by
/// it.</summary>
public sealed class UndoEveryServerTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<ServerMake> Makes => [.. Enum.GetValues<ServerMake>()];

    [Theory]
    [MemberData(nameof(Makes))]
    public async Task A_target_of_every_make(ServerMake make)
    {
        await using var server = await AnyServer.StartAsync(make);
        await using var harness = new Harness(servers.Old, servers.New);
        harness.Job = harness.Job with { Target = server.Account };
        await using (var source = await harness.SourceAsync())
        {
            await source.CreateAsync("Work");
            await FillAsync(source, "INBOX", 0, 20);
            await FillAsync(source, "Work", 30, 4);
        }
        await harness.RunAsync(Stop);
        await using (var target = await server.LogInAsync())
        {
            await target.AppendAsync("INBOX", Letter(900), "");
            await target.StoreAsync("INBOX", "2", "+FLAGS (\\Flagged)");
        }
        var before = await server.ContentAsync();

        var report = await harness.UndoAsync(Stop);

        var moved = await server.ContentAsync();
        Assert.Equal(Hashes(before), Hashes(moved));
        Assert.Contains(moved["INBOX"], message => server.Alters || message.Hash == Hash(900));
        if (report.Outcome == RunOutcome.Complete && !server.Alters)
        {
            Assert.Equal((23L, 1L), (report.Taken, report.LeftCount));
            Assert.Equal(2, moved["INBOX"].Count);
            Assert.DoesNotContain("Work", moved.Keys);
        }
        else
            Assert.True(report.Stopped is not null || report.Problems.Count > 0 || report.LeftCount > 0, $"{make}: {report.Outcome}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{make}: {report.Outcome}, {report.Taken} taken, {report.LeftCount} left");

        var removed = await harness.UndoAsync(Stop, removes: true);

        var there = await server.ContentAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{make}: {removed.Outcome}, {removed.Taken} removed, {removed.LeftCount} left");
        Assert.Equal(moved["INBOX"], there["INBOX"]);
        if (removed.Outcome != RunOutcome.Complete)
        {
            Assert.Equal(Hashes(moved), Hashes(there));
            return;
        }
        Assert.Equal(moved.Values.Sum(messages => messages.Count) - removed.Taken, there.Values.Sum(messages => messages.Count));
        if (removed.LeftCount == 0 && report.LeftCount == 1)
            Assert.DoesNotContain(there.Keys, folder => folder.StartsWith("Undone", StringComparison.Ordinal));
    }

    private static string Hash(int letter) => Core.Mail.ContentId.Of(Letter(letter)).ToString();

    private static IEnumerable<string> Hashes(IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> content) =>
        content.Values.SelectMany(messages => messages).Select(message => message.Hash).Order();
}
