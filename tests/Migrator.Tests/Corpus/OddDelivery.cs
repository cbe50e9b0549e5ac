using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Corpus;

/// <summary>Brings odd messages into INBOX of a real server.</summary>
public static class OddDelivery
{
    private const int MostLooks = 200;

    public static async Task DeliverAsync(this IReadOnlyCollection<OddMessage> messages, DovecotServer server, string user)
    {
        await using var imap = await server.LogInAsync(user);
        foreach (var message in messages)
        {
            if (message.OnDisk)
                server.DeliverRaw(user, message.Bytes, message.Date ?? DateTimeOffset.UnixEpoch.AddYears(40));
            else
                await imap.AppendAsync("INBOX", message.Bytes, message.Flags, message.Date);
        }
        // Files that were put there behind its back count only once the server has numbered them; while another of its processes holds its
        // list, it passes them over.
        for (var look = 0; look < MostLooks && await CountAsync(imap) != messages.Count; look++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(messages.Count, await CountAsync(imap));
    }

    private static async Task<int> CountAsync(RawImap imap) =>
        (await imap.RunAsync("EXAMINE INBOX"))
            .Select(response => response.Text.Split(' '))
            .Where(words => words is ["*", _, "EXISTS"])
            .Select(words => int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture))
            .Single();
}
