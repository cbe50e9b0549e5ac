using System.Globalization;
using Migrator.Core.Mail;

namespace Migrator.Mail.Pop3;

/// <param name="Number">Its number, good for this session only.</param>
/// <param name="Size">As LIST says, in octets.</param>
/// <param name="Uidl">Its unique id; null where the server has none.</param>
internal sealed record ListedMessage(int Number, long Size, string? Uidl);

/// <summary>What is in the mailbox: RFC 1939, section 5 (LIST), section 7 (UIDL). It stays the same as long as the session lasts.</summary>
internal static class Pop3Listing
{
    public static async Task<IReadOnlyList<ListedMessage>> ReadAsync(Pop3Connection connection, Pop3Capabilities capabilities, string what, CancellationToken cancellationToken)
    {
        var (reply, sizes) = await connection.RunForLinesAsync("LIST", cancellationToken).ConfigureAwait(false);
        if (!reply.Ok)
            throw reply.Refused(Reason.FolderRefused, what);
        var uidls = new Dictionary<int, string>();
        if (capabilities.Uidl)
        {
            // A refusal is no failure: servers older than CAPA may not have it.
            foreach (var line in (await connection.RunForLinesAsync("UIDL", cancellationToken).ConfigureAwait(false)).Lines)
            {
                if (line.IndexOf(' ') is var blank and > 0 && line[(blank + 1)..].Trim() is { Length: > 0 } uidl)
                    uidls[Number(line[..blank])] = uidl;
            }
        }
        return [.. sizes.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(line => line.Length >= 2)
            .Select(line => new ListedMessage(Number(line[0]), Size(line[1]), uidls.GetValueOrDefault(Number(line[0]))))
            .OrderBy(message => message.Number)];
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new IOException("The server lists a message without a number.");

    private static long Size(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size
        : throw new IOException("The server lists a message without a size.");
}
