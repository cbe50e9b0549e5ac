using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Exports;

/// <summary>A small mailbox to export: two messages in INBOX, an empty folder, and one below it.</summary>
internal static class ExportedMailbox
{
    public static readonly DateTimeOffset Date = new(2021, 2, 3, 4, 5, 6, TimeSpan.FromHours(1));

    public static MemoryMailSource Create()
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox, uidValidity: 5);
        inbox.Add("Subject: 1\r\n\r\nFrom x\r\n"u8.ToArray(), "\\Seen $Forwarded", Date);
        inbox.Add("Subject: 2\r\n\r\nend"u8.ToArray(), "", Date);
        mailbox.Add("Work");
        mailbox.Add("Work/café", subscribed: false).Add("x"u8.ToArray(), "\\Deleted", Date, uid: 3);
        return mailbox;
    }
}
