using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Providers;

/// <summary>Backups of Gmail, whose folders show the same messages again and again.</summary>
public sealed class GmailBackupTests
{
    private const string Account = "imap://ann@localhost";

    private static readonly DateTimeOffset s_day = DateTimeOffset.UnixEpoch.AddDays(10_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_message_is_fetched_once_and_a_restore_brings_its_labels_back()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var archive = new ArchiveHarness(new MemoryBlobStore(), new MemoryBlobStore());
        await archive.CreateAsync(Stop);
        var user = DovecotServer.NewUser("ann");
        await using var ann = await gmail.LogInAsync(user);
        await ann.CreateAsync("Work");
        await FillAsync(ann, "INBOX", 0, 4);
        await ann.RunAsync("SELECT INBOX");
        await ann.RunAsync("UID STORE 1:2 +X-GM-LABELS (Work \\Important)");
        await ann.AppendAsync("[Gmail]/Trash", Letter(9), "", s_day);
        var losses = 0;
        gmail.Arm(
            "cut while messages are recognized",
            command => command.Name == "UID SEARCH" && command.ToString().Contains("X-GM-MSGID") && losses++ == 0 ? ProxyFault.Drop : null
        );

        var first = await BackUpAsync();

        Assert.Equal(RunOutcome.Complete, first.Outcome);
        Assert.Equal(5, Fetched(gmail));
        await ann.RunAsync("SELECT INBOX");
        await ann.RunAsync("UID STORE 3 +X-GM-LABELS (Work)");
        await ann.AppendAsync("Work", Letter(5), "", s_day);

        var second = await BackUpAsync();

        Assert.Equal(RunOutcome.Complete, second.Outcome);
        // The new one, and in each of three changed folders one that shows that it is the same folder.
        Assert.Equal(5 + 1 + 3, Fetched(gmail));
        var snapshot = await archive.LatestAsync(Account, Stop);
        Assert.Equal(
            "INBOX 4, Work 4, [Gmail]/All Mail 5, [Gmail]/Important 2, [Gmail]/Trash 1",
            string.Join(", ", snapshot.Folders.Where(folder => folder.Count > 0).Select(folder => $"{folder.Path} {folder.Count}"))
        );

        await using var other = await GmailServer.StartAsync(GmailNames.German);
        var restored = await archive.RestoreAsync(
            snapshot,
            "imap://bob@localhost",
            new ImapConnector(Harness.Server(other.Port, "bob", null), DovecotServer.Password).OpenTargetAsync,
            Stop
        );

        Assert.Equal(RunOutcome.Complete, restored.Outcome);
        Assert.Equal(6, other.Commands.Count(command => command.Name == "APPEND"));
        Assert.Equal(
            [
                "INBOX|Work|[Google Mail]/Alle Nachrichten",
                "INBOX|Work|[Google Mail]/Alle Nachrichten|[Google Mail]/Wichtig",
                "INBOX|Work|[Google Mail]/Alle Nachrichten|[Google Mail]/Wichtig",
                "INBOX|[Google Mail]/Alle Nachrichten",
                "Work|[Google Mail]/Alle Nachrichten",
                "[Google Mail]/Papierkorb",
            ],
            (await other.MessagesAsync("bob")).Select(message => message.Folders).Order(StringComparer.Ordinal)
        );

        Task<RunReport> BackUpAsync() =>
            archive.BackUpAsync(
                Account,
                async (_, stop) =>
                    await new ImapConnector(Harness.Server(gmail.Port, user, null), DovecotServer.Password).OpenSourceAsync(stop),
                Stop
            );
    }

    [Fact]
    public async Task What_is_not_as_long_as_the_server_says_is_fetched_all_the_same()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var archive = new ArchiveHarness(new MemoryBlobStore(), new MemoryBlobStore());
        await archive.CreateAsync(Stop);
        var user = DovecotServer.NewUser("ann");
        await using var ann = await gmail.LogInAsync(user);
        await FillAsync(ann, "INBOX", 0, 1);
        gmail.Sizes = (folder, size) => folder == "INBOX" ? size + 1 : size;

        var report = await archive.BackUpAsync(
            Account,
            async (_, stop) =>
                await new ImapConnector(Harness.Server(gmail.Port, user, null), DovecotServer.Password).OpenSourceAsync(stop),
            Stop
        );

        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(2, Fetched(gmail));
    }

    /// <summary>How many messages clients asked for.</summary>
    private static int Fetched(GmailServer gmail) =>
        gmail
            .Commands.Where(command => command.Name == "UID FETCH" && command.ToString().Contains("BODY.PEEK[]"))
            .Sum(command => Numbers(command.Arguments[0].Text));

    private static int Numbers(string set) =>
        set.Split(',')
            .Select(range =>
                range.Split(':').Select(number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture)).ToList()
            )
            .Sum(range => range[^1] - range[0] + 1);
}
