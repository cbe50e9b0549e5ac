using Migrator.Core.Reports;
using Migrator.Tests.Corpus;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>Odd messages from and to Gmail.</summary>
public sealed class GmailCorpusTests(DovecotFixture servers)
{
    private static readonly IReadOnlyList<OddMessage> s_messages = [.. OddMessages.All.Where(message => !message.OnDisk)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_odd_message_arrives_from_Gmail_as_it_was()
    {
        await using var gmail = await GmailServer.StartAsync();
        gmail.KeepsOneCopy = false;
        await using var harness = new Harness(gmail.Server, servers.New, gmail.Port, servers.New.ImapPort);
        await using var ann = await gmail.LogInAsync(harness.SourceUser);
        foreach (var message in s_messages)
            await ann.AppendAsync("INBOX", message.Bytes, message.Flags, message.Date);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, s_messages.Count), (report.Outcome, report.Total.Delivered));
        Assert.Equal(Hashes(await MailboxContent.ReadAsync(ann)), Hashes(await harness.TargetContentAsync()));
        Assert.Equal(0, (await harness.RunAsync(Stop)).Total.Delivered);
    }

    [Fact]
    public async Task To_Gmail_every_odd_message_arrives_as_it_was_or_is_named()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var harness = new Harness(servers.Old, gmail.Server, servers.Old.ImapPort, gmail.Port);
        await s_messages.DeliverAsync(servers.Old, harness.SourceUser);

        var report = await harness.RunAsync(Stop);

        // Most of them have one Message-ID.
        Assert.Equal(RunOutcome.Partial, report.Outcome);
        var (here, there) = (Hashes(await harness.SourceContentAsync()), await ThereAsync());
        foreach (var hash in there)
            Assert.True(here.Remove(hash), "What is at the target was not at the source.");
        Assert.NotEmpty(here);
        Assert.Equal(here.Count, report.Failures.Count + report.Differences.Count(one => one.Kind == DifferenceKind.Content));
        Assert.True(report.Total.AddsUp);

        var again = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Partial, 0), (again.Outcome, again.Total.Delivered));
        Assert.Equal(there, await ThereAsync());

        async Task<List<string>> ThereAsync()
        {
            await using var ann = await gmail.LogInAsync(harness.TargetUser);
            return Hashes(await MailboxContent.ReadAsync(ann));
        }
    }

    private static List<string> Hashes(MailboxContent mailbox) =>
        [.. mailbox.Folders["INBOX"].Select(message => message.Hash).Order(StringComparer.Ordinal)];
}
