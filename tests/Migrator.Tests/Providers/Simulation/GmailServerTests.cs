using System.Text;
using MailKit;
using MailKit.Net.Imap;
using Microsoft.Extensions.Time.Testing;
using Migrator.Tests.Migrations;
using Migrator.Tests.Pacing;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>Gmail as it is simulated does what is known of the real one.</summary>
public sealed class GmailServerTests
{
    private const string Ann = "ann";

    private static readonly DateTimeOffset s_day = DateTimeOffset.UnixEpoch.AddDays(10_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_announces_itself_and_its_folders_by_use_in_the_language_of_the_account()
    {
        await using var gmail = await GmailServer.StartAsync(GmailNames.German);
        using var client = new ImapClient();
        await client.ConnectAsync("localhost", gmail.Port, MailKit.Security.SecureSocketOptions.None, Stop);
        Assert.DoesNotContain("PLAIN-CLIENTTOKEN", client.Capabilities.ToString());
        await client.AuthenticateAsync(Ann, DovecotServer.Password, Stop);

        Assert.True(client.Capabilities.HasFlag(ImapCapabilities.GMailExt1 | ImapCapabilities.LiteralMinus | ImapCapabilities.CondStore));
        Assert.False(
            client.Capabilities.HasFlag(ImapCapabilities.MultiAppend) || client.Capabilities.HasFlag(ImapCapabilities.LiteralPlus)
        );
        Assert.Equal(35_651_584u, client.AppendLimit);
        Assert.Equal(
            "[Google Mail]/Alle Nachrichten|[Google Mail]/Entwürfe|[Google Mail]/Gesendet|[Google Mail]/Markiert|[Google Mail]/Papierkorb",
            string.Join(
                '|',
                new[] { SpecialFolder.All, SpecialFolder.Drafts, SpecialFolder.Sent, SpecialFolder.Flagged, SpecialFolder.Trash }.Select(
                    use => client.GetFolder(use)!.FullName
                )
            )
        );
        await Assert.ThrowsAsync<ImapCommandException>(() =>
            client.GetFolder(client.PersonalNamespaces[0]).CreateAsync("a  b", true, Stop)
        );
    }

    [Fact]
    public async Task A_message_is_one_behind_its_labels_and_its_flags_are_the_same_everywhere()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var raw = await gmail.LogInAsync(Ann);
        await raw.AppendAsync("INBOX", Letters.Letter(1), "", s_day);
        await raw.RunAsync("SELECT INBOX");
        Assert.Contains("X-GM-LABELS (Work \"\\\\Important\")", Said(await raw.RunAsync("UID STORE 1 +X-GM-LABELS (Work \\Important)")));
        await raw.RunAsync("UID STORE 1 +FLAGS (\\Flagged \\Seen)");

        using var client = await ConnectAsync(gmail);
        var ids = new HashSet<ulong>();
        foreach (var name in new[] { "INBOX", "Work", "[Gmail]/All Mail", "[Gmail]/Important", "[Gmail]/Starred" })
        {
            var folder = await client.GetFolderAsync(name, Stop);
            await folder.OpenAsync(FolderAccess.ReadOnly, Stop);
            var message = Assert.Single(
                await folder.FetchAsync(
                    0,
                    -1,
                    new FetchRequest(MessageSummaryItems.GMailMessageId | MessageSummaryItems.GMailLabels | MessageSummaryItems.Flags),
                    Stop
                )
            );
            ids.Add(message.GMailMessageId!.Value);
            Assert.Equal(MessageFlags.Seen | MessageFlags.Flagged, message.Flags);
            string[] labels = ["Work", "\\Important", "\\Inbox", "\\Starred"];
            Assert.Equal(
                labels.Where(label => label.TrimStart('\\') != name.Replace("[Gmail]/", "").Replace("INBOX", "Inbox")),
                message.GMailLabels!.Order(StringComparer.Ordinal)
            );
        }
        Assert.Single(ids);

        await raw.RunAsync("UID STORE 1 -X-GM-LABELS (Work)");
        await raw.RunAsync("UID STORE 1 +FLAGS (\\Deleted)");
        var (folders, _) = Assert.Single(await gmail.MessagesAsync(Ann));
        Assert.Equal("[Gmail]/All Mail|[Gmail]/Important|[Gmail]/Starred", folders);
    }

    [Theory]
    [InlineData("[Gmail]/All Mail", "Work|[Gmail]/All Mail")]
    [InlineData("[Gmail]/Trash", "Work|[Gmail]/Trash")]
    public async Task What_is_appended_again_is_the_message_that_was_there(string first, string folders)
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var raw = await gmail.LogInAsync(Ann);
        await raw.CreateAsync("Work");
        await raw.AppendAsync(first, Letters.Letter(1), "", s_day);
        byte[] other = [.. Letters.Letter(1), .. "More.\r\n"u8];

        await raw.AppendAsync("Work", other, "\\Seen", s_day.AddDays(1));
        Assert.EndsWith(" 1] (Success)", raw.Answer);
        await raw.AppendAsync("Work", other, "\\Seen", s_day.AddDays(1));
        Assert.EndsWith(" 1] (Success)", raw.Answer);

        Assert.Equal(folders, Assert.Single(await gmail.MessagesAsync(Ann)).Folders);
        var there = Assert.Single((await MailboxContent.ReadAsync(raw)).Folders["Work"]);
        Assert.Equal((Letters.Letter(1).Length, s_day.UtcDateTime.ToString("s")), (there.Size, there.Date));
    }

    [Fact]
    public async Task Mail_goes_into_the_bin_out_of_all_folders_and_comes_back()
    {
        await using var gmail = await GmailServer.StartAsync();
        await using var raw = await gmail.LogInAsync(Ann);
        await raw.CreateAsync("Work");
        await raw.AppendAsync("INBOX", Letters.Letter(1));
        await raw.RunAsync("SELECT INBOX");
        await raw.RunAsync("UID COPY 1 Work");
        Assert.Matches(@"^OK \[COPYUID \d+ 1 1\] \(Success\)$", raw.Answer);
        Assert.Contains("* 1 EXPUNGE", Said(await raw.RunAsync("UID MOVE 1 \"[Gmail]/Trash\"")));
        Assert.Equal("[Gmail]/Trash", Assert.Single(await gmail.MessagesAsync(Ann)).Folders);
        await raw.RunAsync("SELECT \"[Gmail]/Trash\"");
        await raw.RunAsync("UID MOVE 1 INBOX");
        Assert.Equal("INBOX|[Gmail]/All Mail", Assert.Single(await gmail.MessagesAsync(Ann)).Folders);
    }

    [Fact]
    public async Task Settings_hide_folders_and_old_messages_but_not_their_labels()
    {
        await using var gmail = await GmailServer.StartAsync(folderLimit: 2, hidden: ["Secret"]);
        await using var raw = await gmail.LogInAsync(Ann);
        for (var number = 0; number < 4; number++)
            await raw.AppendAsync("INBOX", Letters.Letter(number), "", s_day.AddDays(number));
        await raw.RunAsync("SELECT \"[Gmail]/All Mail\"");
        await raw.RunAsync("UID STORE 1 +X-GM-LABELS (Secret)");

        var content = await MailboxContent.ReadAsync(raw);
        Assert.Equal((2, 4), (content.Folders["INBOX"].Count, content.Folders["[Gmail]/All Mail"].Count));
        Assert.DoesNotContain("Secret", content.Folders.Keys);
        await raw.RunAsync("SELECT \"[Gmail]/All Mail\"");
        Assert.Contains("X-GM-LABELS (Secret \"\\\\Inbox\")", Said(await raw.RunAsync("UID FETCH 1 (X-GM-LABELS UID)")));
        Assert.Contains("NONEXISTENT", (await Assert.ThrowsAsync<InvalidOperationException>(() => raw.RunAsync("SELECT Secret"))).Message);
        // Two messages in one command, and literals that nobody asked for.
        await Assert.ThrowsAnyAsync<Exception>(() => raw.RunAsync("APPEND INBOX {1+}\r\na {1+}\r\nb"));
    }

    [Fact]
    public async Task A_fault_answers_in_the_place_of_the_server_or_after_it_and_must_fire()
    {
        await using (var gmail = await GmailServer.StartAsync())
        {
            await using var raw = await gmail.LogInAsync(Ann);
            gmail.Arm(
                "budget",
                command => command.Name == "NOOP" ? "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)" : null
            );
            gmail.ArmAfter("lost", command => command.Name == "APPEND" ? ProxyFault.Drop : null);
            await Assert.ThrowsAsync<InvalidOperationException>(() => raw.RunAsync("NOOP"));
            await Assert.ThrowsAnyAsync<IOException>(() => raw.AppendAsync("INBOX", Letters.Letter(1)));
            Assert.Single(await gmail.MessagesAsync(Ann));
        }
        var idle = await GmailServer.StartAsync(hidden: ["Work"]);
        Assert.Contains("Hidden", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await idle.DisposeAsync())).Message);
    }

    [Fact]
    public async Task An_account_that_sends_more_than_it_may_in_a_day_is_locked_out()
    {
        var clock = new FakeTimeProvider();
        await using var gmail = await GmailServer.StartAsync();
        gmail.UploadDay = new ProviderDay(clock, 5000);
        await using var raw = await gmail.LogInAsync(Ann);
        await raw.AppendAsync("INBOX", Letters.Letter(1, 3000));
        clock.Advance(TimeSpan.FromDays(1));
        await raw.AppendAsync("INBOX", Letters.Letter(2, 3000));
        Assert.InRange(gmail.UploadDay.Highest, 3000, 4000);

        await Assert.ThrowsAsync<InvalidOperationException>(() => raw.AppendAsync("INBOX", Letters.Letter(3, 3000)));

        Assert.Contains("bandwidth limits", (await Assert.ThrowsAsync<InvalidOperationException>(() => gmail.LogInAsync(Ann))).Message);
        Assert.Equal(2, (await gmail.MessagesAsync(Ann)).Count);
    }

    private static string Said(IEnumerable<RawImap.Response> responses) =>
        responses.Aggregate(new StringBuilder(), (all, response) => all.AppendLine(response.Text)).ToString();

    private static async Task<ImapClient> ConnectAsync(GmailServer gmail)
    {
        var client = new ImapClient();
        await client.ConnectAsync("localhost", gmail.Port, MailKit.Security.SecureSocketOptions.None, Stop);
        await client.AuthenticateAsync(Ann, DovecotServer.Password, Stop);
        return client;
    }
}
