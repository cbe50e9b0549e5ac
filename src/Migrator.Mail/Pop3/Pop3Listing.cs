using System.Globalization;
using Migrator.Core.Failures;

namespace Migrator.Mail.Pop3;

/// <summary>What is in the mailbox: RFC 1939, section 5 (STAT, LIST), section 7 (UIDL). It stays the same as long as the session
/// lasts.</summary>
/// <remarks>A message is there if any of the three knows of it: what one of them leaves out must not be taken for deleted.</remarks>
internal sealed class Pop3Listing(Pop3Connection connection, Pop3Capabilities capabilities, string what, TimeProvider time)
{
    /// <summary>Messages in one mailbox. What is known of them is in memory.</summary>
    public const int Most = 500_000;

    // A server that counts some messages has no more lines about them, but for what it says twice or in between.
    private const int MostBeyondCount = 10_000;

    // Each message that LIST leaves out is requested separately.
    private const int MostLeftOut = 10_000;

    /// <summary>The answer to STAT. It is the same all session long.</summary>
    public Pop3Reply Stat { get; private set; }

    public async Task<IReadOnlyList<ListedMessage>> ReadAsync(CancellationToken cancellationToken)
    {
        // Some servers refuse STAT: then LIST and UIDL have to prove each other.
        Stat = await connection.RunAsync("STAT", cancellationToken);
        var count = Stat.Ok && Words(Stat.Text) is [var first, ..] && Number(first) is { } said ? said : 0;
        if (count > Most)
            throw new MailException(
                Reason.ListingIncomplete,
                $"{what}: the server counts {count:N0} messages (STAT); over POP3, at most {Most:N0} are read."
            );
        var sizes = await SizesAsync(count, cancellationToken);
        var ids = capabilities.Uidl ? await UniqueIdsAsync(Math.Max(count, sizes.Count), cancellationToken) : [];
        if (count - sizes.Count > MostLeftOut)
            throw new MailException(
                Reason.ListingIncomplete,
                $"{what}: the server counts {count:N0} messages (STAT) and lists {sizes.Count:N0} (LIST)."
            );

        // Numbers are given from 1 on without a gap.
        var numbers = sizes.Keys.Union(ids.Keys).Union(Enumerable.Range(1, count)).Order().ToList();
        foreach (var number in numbers)
        {
            if (sizes.GetValueOrDefault(number) is null)
                await AskForSizeAsync(number, sizes, cancellationToken);
        }
        return [.. numbers.Select(number => new ListedMessage(number, sizes.GetValueOrDefault(number), ids.GetValueOrDefault(number)))];
    }

    /// <returns>The size of each message; null where the line does not say it, or two lines say different ones.</returns>
    private async Task<Dictionary<int, long?>> SizesAsync(int count, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var sizes = new Dictionary<int, long?>();
            var reply = await connection.RunForLinesAsync(
                "LIST",
                MostLines(count),
                line =>
                {
                    if (Words(line) is not [var first, ..] words)
                        return;
                    if (Number(first) is not { } number)
                        throw new IOException("The server lists a message without a number.");
                    var size = words.Length > 1 ? Size(words) : null;
                    if (!sizes.TryAdd(number, size) && sizes[number] != size)
                        sizes[number] = null;
                },
                cancellationToken
            );
            if (reply.Ok && (sizes.Count >= count || tries > 1))
                return sizes;
            if (tries > 1)
                throw reply.Refused(Reason.ServerBusy, what);
        }
    }

    /// <summary>Asks for one message. Some servers list all of them whatever number is given: lines left unread would be taken for the
    /// answers of what is asked next, and the answer to STAT, which is known, shows where they end.</summary>
    private async Task AskForSizeAsync(int number, Dictionary<int, long?> sizes, CancellationToken cancellationToken)
    {
        await connection.SendAsync([$"LIST {number}", "STAT"], cancellationToken);
        var reply = await connection.ReadReplyAsync(cancellationToken);
        var rows = new List<string[]>();
        for (
            var line = await connection.ReadLineAsync(cancellationToken);
            !IsStat(line);
            line = await connection.ReadLineAsync(cancellationToken)
        )
        {
            if (rows.Count == MostLines(sizes.Count))
                throw new MailException(
                    Reason.AnswerTooLong,
                    $"{what}: the server's answer to LIST {number} does not end: {rows.Count:N0} lines arrived."
                );
            rows.Add(Words(line));
        }
        if (rows.Count == 0 && reply.Ok && Words(reply.Text) is [var own, ..] && Number(own) == number)
            rows.Add(Words(reply.Text));
        foreach (var row in rows.Where(row => row.Length > 1))
        {
            if (Number(row[0]) is { } listed && sizes.GetValueOrDefault(listed) is null && Size(row) is { } size)
                sizes[listed] = size;
        }
    }

    private bool IsStat(string line) => Pop3Reply.Parse(line) is { } reply && reply.Ok == Stat.Ok && (!reply.Ok || reply.Text == Stat.Text);

    private static long? Size(string[] row) =>
        long.TryParse(row[1], NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : null;

    /// <summary>A refusal, or a listing that leaves messages out, may be for a moment: it is asked for again before messages are reported
    /// by their content, for which all of them must be downloaded.</summary>
    private async Task<Dictionary<int, string?>> UniqueIdsAsync(int count, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var ids = new Dictionary<int, string?>();
            var reply = await connection.RunForLinesAsync(
                "UIDL",
                MostLines(count),
                line =>
                {
                    if (Words(line) is not { Length: > 1 } words || Number(words[0]) is not { } number)
                        return;
                    var id = string.Join(' ', words.Skip(1));
                    if (!ids.TryAdd(number, id) && ids[number] != id)
                        ids[number] = null;
                },
                cancellationToken
            );
            // A server that does not say what it can do may never have had UIDL: one repetition is enough.
            if (tries == 3 || (reply.Ok && ids.Count >= count) || (!reply.Ok && tries == 2 && capabilities == Pop3Capabilities.Unsaid))
                return ids;
            await Task.Delay(TimeSpan.FromSeconds(tries - 1), time, cancellationToken);
        }
    }

    /// <param name="count">Messages, as far as is known; 0 where nothing is.</param>
    private static int MostLines(int count) => count == 0 ? Most : (int)Math.Min(Most, (2L * count) + MostBeyondCount);

    private static string[] Words(string line) => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
