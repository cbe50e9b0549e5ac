using Migrator.Tests.Servers;
using MimeKit;
using Xunit;

namespace Migrator.Tests.Notifications;

/// <summary>The mail of somebody who is notified, read over IMAP.</summary>
internal static class SmtpInbox
{
    public static string AddressOf(string user) => $"{user}@example.org";

    /// <summary>In the order in which it came.</summary>
    public static async Task<IReadOnlyList<MimeMessage>> ReadAsync(DovecotServer server, string user)
    {
        await using var imap = await server.LogInAsync(user);
        await imap.RunAsync("EXAMINE INBOX");
        var messages = new List<MimeMessage>();
        foreach (var response in await imap.RunAsync("UID FETCH 1:* (BODY.PEEK[])"))
        {
            if (response.Literals is [var bytes])
                messages.Add(await MimeMessage.LoadAsync(new MemoryStream(bytes), TestContext.Current.CancellationToken));
        }
        return messages;
    }
}
