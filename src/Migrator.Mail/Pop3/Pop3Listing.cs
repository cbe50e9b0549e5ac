using System.Globalization;
using Migrator.Core.Mail;

namespace Migrator.Mail.Pop3;

/// <summary>What is in the mailbox: RFC 1939, section 5 (STAT, LIST), section 7 (UIDL). It stays the same as long as the session lasts.</summary>
/// <remarks>A message is there if any of the three knows of it: what one of them leaves out must not be taken for deleted.</remarks>
internal sealed class Pop3Listing(Pop3Connection connection, Pop3Capabilities capabilities, string what, TimeProvider time)
{
    // Two million messages in one mailbox: such a listing does not end.
    private const int MostLines = 2_000_000;

    // Each message that LIST leaves out is asked for by itself.
    private const int MostLeftOut = 10_000;

    /// <summary>The answer to STAT. It is the same all session long.</summary>
    public Pop3Reply Stat { get; private set; }

    public async Task<IReadOnlyList<ListedMessage>> ReadAsync(CancellationToken cancellationToken)
    {
        // Some servers refuse STAT: then LIST and UIDL have to prove each other.
        Stat = await connection.RunAsync("STAT", cancellationToken).ConfigureAwait(false);
        var count = Stat.Ok && Words(Stat.Text) is [var first, ..] && Number(first) is { } said ? said : 0;
        var sizes = await SizesAsync(count, cancellationToken).ConfigureAwait(false);
        var ids = capabilities.Uidl ? await UniqueIdsAsync(Math.Max(count, sizes.Count), cancellationToken).ConfigureAwait(false) : [];
        if (count - sizes.Count > MostLeftOut)
            throw new MailException(Reason.ListingIncomplete, $"{what}: the server counts {count:N0} messages (STAT) and lists {sizes.Count:N0} (LIST).");

        // Numbers are given from 1 on without a gap.
        var numbers = sizes.Keys.Union(ids.Keys).Union(Enumerable.Range(1, count)).Order().ToList();
        foreach (var number in numbers.Where(number => sizes.GetValueOrDefault(number) is null))
            sizes[number] = await SizeAsync(number, cancellationToken).ConfigureAwait(false);
        return [.. numbers.Select(number => new ListedMessage(number, sizes[number], ids.GetValueOrDefault(number)))];
    }

    /// <returns>The size of each message; null where the line does not say it, or two lines say different ones.</returns>
    private async Task<Dictionary<int, long?>> SizesAsync(int count, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var (reply, lines) = await connection.RunForLinesAsync("LIST", MostLines, cancellationToken).ConfigureAwait(false);
            var sizes = new Dictionary<int, long?>();
            foreach (var words in Rows(lines))
            {
                if (Number(words[0]) is not { } number)
                    throw new IOException("The server lists a message without a number.");
                var size = words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : (long?)null;
                if (!sizes.TryAdd(number, size) && sizes[number] != size)
                    sizes[number] = null;
            }
            if (reply.Ok && (sizes.Count >= count || tries > 1))
                return sizes;
            if (tries > 1)
                throw reply.Refused(Reason.ServerBusy, what);
        }
    }

    private async Task<long?> SizeAsync(int number, CancellationToken cancellationToken)
    {
        var reply = await connection.RunAsync($"LIST {number}", cancellationToken).ConfigureAwait(false);
        if (!reply.Ok)
            return null;
        if (Size(number, Words(reply.Text)) is { } said)
            return said;
        // Some servers list all messages whatever number is given. Lines left unread would be taken for the answers of what is asked next;
        // the answer to NOOP shows where they end.
        await connection.SendAsync(["NOOP"], cancellationToken).ConfigureAwait(false);
        var size = default(long?);
        while (await connection.ReadLineAsync(cancellationToken).ConfigureAwait(false) is var line && Pop3Reply.Parse(line) is null)
            size ??= Size(number, Words(line));
        return size;
    }

    private static long? Size(int number, string[] words) =>
        words is [var first, var size, ..] && Number(first) == number && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : null;

    /// <summary>A refusal, or a listing that leaves messages out, may be for a moment: it is asked for again before messages are told by their content,
    /// for which all of them must be downloaded.</summary>
    private async Task<Dictionary<int, string?>> UniqueIdsAsync(int count, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var (reply, lines) = await connection.RunForLinesAsync("UIDL", MostLines, cancellationToken).ConfigureAwait(false);
            var ids = new Dictionary<int, string?>();
            foreach (var row in Rows(lines))
            {
                if (row.Length < 2 || Number(row[0]) is not { } number)
                    continue;
                var id = string.Join(' ', row.Skip(1));
                if (!ids.TryAdd(number, id) && ids[number] != id)
                    ids[number] = null;
            }
            // A server that does not say what it can do may never have had UIDL: one repetition is enough.
            if (tries == 3 || (reply.Ok && ids.Count >= count) || (!reply.Ok && tries == 2 && capabilities == Pop3Capabilities.Unsaid))
                return ids;
            await Task.Delay(TimeSpan.FromSeconds(tries - 1), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static IEnumerable<string[]> Rows(IEnumerable<string> lines) => lines.Select(Words).Where(words => words.Length > 0);

    private static string[] Words(string line) => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
