using System.Security.Cryptography;
using Migrator.Core.Exports;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Files;
using Migrator.Files.Reading;
using Migrator.Files.Writing;
using Migrator.Tests.Memory;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>Leaving is possible without this program: a server serves what was exported, as it is.</summary>
public sealed class DovecotReadsMaildirTests(DovecotFixture servers)
{
    private static readonly DateTimeOffset s_date = new(2021, 2, 3, 4, 5, 6, TimeSpan.FromHours(1));

    [Fact]
    public async Task An_exported_Maildir_is_the_mailbox_to_Dovecot_and_still_to_us_afterwards()
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox);
        inbox.Add("Subject: 2\r\n\r\nnew\r\n"u8.ToArray(), "\\Seen $Forwarded todo", s_date);
        inbox.Add(
            "Subject: 1\r\n\r\nold, but delivered later\r\n"u8.ToArray(),
            "\\Answered \\Flagged \\Draft \\Deleted other todo",
            s_date.AddYears(-20)
        );
        mailbox.Add("Projekte", subscribed: false).Add("x\r\n"u8.ToArray(), "", s_date);
        mailbox.Add("Projekte/M\u00fcnchen \U0001f389").Add("y\r\n"u8.ToArray(), "\\Seen", s_date);
        var user = DovecotServer.NewUser("maildir");
        var directory = servers.Old.MaildirOf(user);
        var folders = await mailbox.ListFoldersAsync(TestContext.Current.CancellationToken);

        using var writer = FileMailboxWriter.Create(directory, FileFormat.Maildir, TimeProvider.System);
        await new Export(mailbox, writer).RunAsync(folders, new RunProgress(), TestContext.Current.CancellationToken);
        servers.Old.TakeOver(user);
        var served = await MailboxContent.ReadAsync(servers.Old, user);

        foreach (var folder in mailbox.Folders)
        {
            Assert.Equal(
                folder.Messages.Values.Select(message => new MailboxContent.Message(
                    Convert.ToHexStringLower(SHA256.HashData(message.Bytes)),
                    message.Bytes.Length,
                    string.Join(' ', message.Flags.Flags.Order(StringComparer.OrdinalIgnoreCase)),
                    message.InternalDate.ToUniversalTime().ToString("s")
                )),
                served.Folders[folder.Path.ToString()]
            );
        }
        Assert.Equal(["INBOX", "Projekte/M\u00fcnchen \U0001f389"], served.Subscribed.Order());
        await using var source = await FileSource.OpenAsync(directory, FileFormat.Maildir, TestContext.Current.CancellationToken);
        Assert.Equal(await FileHarness.ContentAsync(mailbox), await FileHarness.ContentAsync(source));
    }
}
