using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Properties;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>Any mailbox from and to Gmail.</summary>
public sealed class GmailPropertyTests(DovecotFixture servers)
{
    private const int Nights = 3;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ProviderKind.Gmail, ProviderKind.Dovecot, 1)]
    [InlineData(ProviderKind.Gmail, ProviderKind.Exchange, 1)]
    [InlineData(ProviderKind.Gmail, ProviderKind.RewritingExchange, 1)]
    [InlineData(ProviderKind.Dovecot, ProviderKind.Gmail, 2)]
    public Task Nothing_is_lost_doubled_or_altered_unsaid(ProviderKind from, ProviderKind to, int sample) =>
        new CopyProperty(servers).HoldsAsync(from, to, Proof.Of(sample, 25));

    /// <summary>Its user changes it between backups, and connections are lost: each night comes back to another account.</summary>
    [Fact]
    public async Task Each_night_comes_back_with_its_labels()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var other = await GmailServer.StartAsync(GmailNames.German);
        RandomLosses[] losses = [new(gmail), new(other)];
        await RandomMailbox.EachAsync(Proof.Of(1, 25), (random, _) => BackUpAsync(gmail, other, losses, random));
    }

    private static async Task BackUpAsync(GmailServer gmail, GmailServer other, RandomLosses[] losses, Random random)
    {
        var user = DovecotServer.NewUser("ann");
        var account = $"imap://{user}@localhost";
        await using var archive = new ArchiveHarness(new MemoryBlobStore(), new MemoryBlobStore(), new ImmediateClock());
        await archive.CreateAsync(Stop);
        await using var mailbox = new RandomLabels(
            gmail,
            user,
            await gmail.LogInAsync(user),
            // Of two that are the same, Gmail makes one message.
            new RandomLetters(random, unlike: true, readable: false),
            random,
            ["\\Seen", "\\Flagged", "\\Answered", "\\Draft", "$Forwarded"]
        );
        await mailbox.CreateAsync();

        for (var night = 0; night < Nights; night++)
        {
            await mailbox.ChangeAsync(night == 0 ? 20 : 8);
            var before = await ContentAsync(gmail, user);
            foreach (var provider in losses)
                provider.Begin(random);
            var report = await archive.BackUpAsync(
                account,
                async (_, stop) =>
                    await new ImapConnector(Harness.Server(gmail.Port, user, null), DovecotServer.Password).OpenSourceAsync(stop),
                Stop
            );
            var back = DovecotServer.NewUser("back");
            var restored = await archive.RestoreAsync(
                await archive.LatestAsync(account, Stop),
                $"imap://{back}@localhost",
                new ImapConnector(Harness.Server(other.Port, back, null), DovecotServer.Password).OpenTargetAsync,
                Stop
            );
            foreach (var provider in losses)
                provider.Begin(null);

            var there = await ContentAsync(other, back);
            Assert.Equal(RunOutcome.Complete, report.Outcome);
            Assert.True(
                before.SequenceEqual(there),
                $"night {night}, missing:\n{string.Join('\n', before.Except(there))}\n"
                    + $"too much:\n{string.Join('\n', there.Except(before))}\n"
                    + string.Join('\n', restored.Failures)
                    + string.Join('\n', restored.Differences)
            );
            Assert.Equal(RunOutcome.Complete, restored.Outcome);
        }
    }

    /// <summary>Each message once, with its labels and what it is.</summary>
    private static async Task<IReadOnlyList<string>> ContentAsync(GmailServer gmail, string user) =>
        [
            .. from folder in await RandomLabels.MessagesAsync(gmail, user)
            // The star is a flag, too, and is compared as that.
            where ModifiedUtf7.Encode(folder.Key) != gmail.Names.Stars
            from copy in folder.Value
            group (Label: gmail.Names.LabelOf(ModifiedUtf7.Encode(folder.Key)), copy.Message) by copy.Id into message
            let labels = message.Select(copy => copy.Label).Order(StringComparer.Ordinal)
            let line = $"{message.First().Message} [{string.Join(' ', labels)}]"
            orderby line
            select line,
        ];
}
