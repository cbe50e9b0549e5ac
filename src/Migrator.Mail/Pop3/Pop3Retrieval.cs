using Migrator.Core.Failures;
using Migrator.Core.Mail;
using MimeKit.Utils;

namespace Migrator.Mail.Pop3;

/// <summary>Gets messages from the server, several commands at a time where it takes them (PIPELINING, RFC 2449, section 6.6).</summary>
internal sealed class Pop3Retrieval(Pop3Connection connection, Pop3Capabilities capabilities, string account, TimeProvider time)
{
    // Bounds the commands that a server must hold.
    private const int Batch = 100;

    // So many other messages are read to find out whether LIST tells their sizes.
    private const int MostProbes = 8;

    // Estimates are not off by more; a server that sends on and on is not waited for.
    private const long MostBeyond = 256L << 20;

    private const long MostUnknown = 1L << 30;

    /// <summary>For messages that are only read past.</summary>
    public static readonly HashingSink Nobody = new((_, _, _, _) => { });

    private readonly ArrivalDate _arrival = new(time, DateUtils.TryParse);
    private readonly Dictionary<int, ReceivedSize> _seen = [];
    private readonly HashSet<int> _proved = [];
    private readonly HashSet<int> _asked = [];
    private bool _oneByOne;

    /// <summary>Everything that the server lists in this session.</summary>
    public IReadOnlyList<ListedMessage> Listed { get; set; } = [];

    /// <summary>What the server answers to STAT. No message holds a line like it, so that it tells an answer from mail.</summary>
    public Pop3Reply Stat { get; set; }

    // Where sizes do not fit, messages come twice: one by one, so that they still come in order, and no answer is taken for another
    // message's.
    public int BatchSize => capabilities.Pipelining && !_oneByOne ? Batch : 1;

    /// <summary>All that was asked has been answered.</summary>
    public bool IsAtRest { get; private set; } = true;

    private readonly record struct Wanted(Uid Uid, ListedMessage Listed);

    /// <summary>What came of one message.</summary>
    /// <param name="End">Whether what looked like its end was that.</param>
    private readonly record struct Reading(ReceivedSize Size, bool Delivered, End End);

    private enum End
    {
        Certain,

        /// <summary>It is shorter than LIST says. What followed may have been an answer, or a line of it that looks like one.</summary>
        Uncertain,

        /// <summary>A line with nothing but a dot, which the server did not double, looked like the end.</summary>
        Early,
    }

    /// <summary>The message was read in this session, and its size is what the server lists.</summary>
    public bool IsProved(int number) => _proved.Contains(number);

    /// <summary>The server was asked for the message in this session.</summary>
    public bool WasAsked(int number) => _asked.Contains(number);

    /// <summary>Sends one command for each of a few messages at once, and hands over each answer in turn, to be read to its end.</summary>
    public async Task AskAsync(
        string command,
        IReadOnlyCollection<ListedMessage> messages,
        Func<int, Pop3Reply, Task> answered,
        CancellationToken cancellationToken
    )
    {
        if (command == "RETR")
            _asked.UnionWith(messages.Select(message => message.Number));
        var commands = messages.Select(message => command == "TOP" ? $"TOP {message.Number} 0" : $"{command} {message.Number}").ToList();
        IsAtRest = false;
        connection.ThrowIfOutOfStep();
        await connection.SendAsync(commands, cancellationToken);
        for (var index = 0; index < commands.Count; index++)
            await answered(index, await connection.ReadReplyAsync(cancellationToken));
        IsAtRest = true;
    }

    /// <summary>As <see cref="IMailSource.FetchAsync"/>. A message that is refused does not hold up those after it.</summary>
    /// <exception cref="MailException">Of scope <see cref="FailureScope.Message"/>: of the first that was refused or cut short.</exception>
    public async Task FetchAsync(
        IEnumerable<(Uid Uid, ListedMessage Listed)> messages,
        IContentSink receiver,
        CancellationToken cancellationToken
    )
    {
        MailException? refused = null;
        var waiting = new Queue<Wanted>(messages.Select(message => new Wanted(message.Uid, message.Listed)));
        while (waiting.Count > 0)
        {
            var batch = Enumerable.Range(0, Math.Min(BatchSize, waiting.Count)).Select(_ => waiting.Dequeue()).ToList();
            var (again, unread) = (new List<(Wanted Message, Reading First)>(), new List<Wanted>());
            await AskAsync(
                "RETR",
                [.. batch.Select(message => message.Listed)],
                async (index, reply) =>
                {
                    var message = batch[index];
                    // From here on it is not certain whose answer this is.
                    if (again.Exists(earlier => earlier.First.End == End.Uncertain))
                    {
                        unread.Add(message);
                        if (reply.Ok)
                            await connection.ReadContentAsync(_ => { }, Most(message.Listed), cancellationToken);
                    }
                    else if (!reply.Ok)
                        refused ??= Unreadable(message, reply);
                    else if (
                        await ReceiveAsync(message, message.Listed.Size, receiver, last: index == batch.Count - 1, cancellationToken) is
                        { Delivered: false } reading
                    )
                        again.Add((message, reading));
                },
                cancellationToken
            );
            if (unread.Count > 0)
            {
                if (!IsStat(await connection.RunAsync("STAT", cancellationToken)))
                    throw new IOException("The server sent a line of a message where an answer was due.");
                _oneByOne = true;
                waiting = new Queue<Wanted>([.. unread, .. waiting]);
            }
            foreach (var (message, first) in again)
                refused = await ReceiveAgainAsync(message, first, receiver, cancellationToken) ?? refused;
        }
        if (refused is not null)
            throw refused;
    }

    /// <returns>What each message is; null for one that the server does not return, or not whole.</returns>
    public async Task<IReadOnlyList<ContentId?>> HashAsync(IReadOnlyList<ListedMessage> messages, CancellationToken cancellationToken)
    {
        var contents = new Dictionary<Uid, ContentId>();
        try
        {
            var hasher = new HashingSink((number, content, _, _) => contents[number] = content);
            await FetchAsync(messages.Select(message => (new Uid((uint)message.Number), message)), hasher, cancellationToken);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
        {
            // Anyone who fetches it learns why.
        }
        return
        [
            .. messages.Select(message =>
                contents.TryGetValue(new Uid((uint)message.Number), out var content) ? content : (ContentId?)null
            ),
        ];
    }

    /// <summary>Reads one message and hands it over if it has <paramref name="size"/>.</summary>
    /// <param name="size">What is announced to <paramref name="receiver"/>; null to measure the message only.</param>
    /// <param name="last">No other answer follows.</param>
    private async Task<Reading> ReceiveAsync(
        Wanted message,
        long? size,
        IContentSink receiver,
        bool last,
        CancellationToken cancellationToken,
        bool keepDots = false,
        bool sizeUnproved = false
    )
    {
        var content = size is { } announced ? receiver.Open(message.Uid, announced) : Stream.Null;
        var handed = false;
        try
        {
            var passing = new PassingMessage(size ?? 0, content, _arrival);
            var ended = await connection.ReadContentAsync(passing.Append, Most(message.Listed), cancellationToken, keepDots);
            var arrival = _arrival.Take();
            var length = size is { } exact && passing.IsWhole ? exact : passing.Received;
            var read = new ReceivedSize(message.Listed.Size, length, passing.Lines, keepDots ? 0 : ended.Dots, ended.SingleDots);
            var end = await FindEndAsync(message.Listed, ended.Raw, last, cancellationToken);
            if (end == End.Early)
                return new Reading(read, Delivered: false, end);
            _seen[message.Listed.Number] = read;
            if (size is null || !passing.IsWhole)
                return new Reading(read, Delivered: false, end);
            handed = true;
            await HandOverAsync(
                message,
                content,
                arrival with
                {
                    SizeUnproved = sizeUnproved,
                },
                receiver,
                proved: read.Fits,
                cancellationToken
            );
            return new Reading(read, Delivered: true, end);
        }
        finally
        {
            if (!handed)
                await content.DisposeAsync();
        }
    }

    private async Task HandOverAsync(
        Wanted message,
        Stream content,
        ReceivedDate arrival,
        IContentSink receiver,
        bool proved,
        CancellationToken cancellationToken
    )
    {
        if (proved)
            _proved.Add(message.Listed.Number);
        content.Position = 0;
        await receiver.CompleteAsync(message.Uid, content, arrival, cancellationToken);
    }

    /// <summary>After a message that is shorter than LIST says: a server that does not double dots may have sent a line that is nothing but
    /// a dot. Then what follows is not an answer but the rest of the message, and its size tells where it ends.</summary>
    /// <param name="raw">Bytes that came up to that line, and with it.</param>
    private async Task<End> FindEndAsync(ListedMessage message, long raw, bool last, CancellationToken cancellationToken)
    {
        // The server adds the end of a last line that has none.
        if (message.Size is not { } listed || raw > listed + 2)
            return End.Certain;
        if (last)
            await connection.SendAsync(["STAT"], cancellationToken);
        var next = Pop3Reply.Parse(await connection.PeekLineAsync(cancellationToken));
        if (!last && next is not null)
            return End.Uncertain;
        var end = next is { } reply && IsStat(reply) ? End.Certain : End.Early;
        if (end == End.Early)
        {
            await connection.ReadBytesAsync(_ => { }, Math.Max(0, listed - raw), cancellationToken);
            await ReadEndAsync(cancellationToken);
        }
        if (last && !IsStat(await connection.ReadReplyAsync(cancellationToken)))
            throw new IOException("The server sent a line of a message where an answer was due.");
        return end;
    }

    private bool IsStat(Pop3Reply reply) => reply.Ok == Stat.Ok && (!reply.Ok || reply.Text == Stat.Text);

    private static long Most(ListedMessage message) => (2 * (message.Size ?? MostUnknown)) + MostBeyond;

    /// <summary>The dot after as many bytes as LIST says; before it, the end of a last line that had none.</summary>
    private async Task ReadEndAsync(CancellationToken cancellationToken)
    {
        var line = await connection.ReadLineAsync(cancellationToken);
        if (line.Length == 0)
            line = await connection.ReadLineAsync(cancellationToken);
        if (line != ".")
            throw new IOException(
                "The server sent a message that does not end where its size says, and in which a line is nothing but a dot."
            );
    }

    /// <summary>A message that did not have the size that LIST said was cut short, or has dots that the server did not double, or LIST
    /// estimates. It is read again, as the evidence says: refusing it outright would leave whole mailboxes behind, taking it as it comes
    /// would trust what was cut.</summary>
    private async Task<MailException?> ReceiveAgainAsync(
        Wanted message,
        Reading first,
        IContentSink receiver,
        CancellationToken cancellationToken
    )
    {
        if (first.End == End.Early)
            return await ReceiveBySizeAsync(message, receiver, cancellationToken);
        if (first.Size.FitsWithDots && (first.Size.SingleDots > 0 || _seen.Values.Any(other => other.SingleDots > 0)))
            return await ReceiveWithDotsAsync(message, first.Size, receiver, cancellationToken);
        if (first.Size.SingleDots > 0)
            return Uncertain(
                message,
                "lines in it begin with a dot that the server did not double (RFC 1939, section 3), and its size does not show "
                    + "whether they belong to it"
            );
        var estimated = first.Size.Fits || await IsEstimateAsync(message.Listed, first.Size, cancellationToken);
        _oneByOne |= estimated && message.Listed.Size is not null;
        var reply = await RetrieveAsync(message.Listed, cancellationToken);
        if (!reply.Ok)
            return Unreadable(message, reply);
        // Where LIST tells the size, this is to have it: the network may have been to blame the first time.
        var size = estimated ? first.Size.Length : message.Listed.Size;
        var second = await ReceiveAsync(
            message,
            size,
            receiver,
            last: true,
            cancellationToken,
            sizeUnproved: !first.Size.Fits && estimated
        );
        return second.Delivered
            ? null
            : Uncertain(
                message,
                $"it sent {first.Size.Length:N0} bytes and then {second.Size.Length:N0}"
                    + (estimated ? "" : ": it is cut short, unless the server lists wrong sizes for some messages")
            );
    }

    private async Task<MailException?> ReceiveBySizeAsync(Wanted message, IContentSink receiver, CancellationToken cancellationToken)
    {
        var reply = await RetrieveAsync(message.Listed, cancellationToken);
        if (!reply.Ok)
            return Unreadable(message, reply);
        var size = message.Listed.Size!.Value;
        var content = receiver.Open(message.Uid, size);
        var handed = false;
        try
        {
            var passing = new PassingMessage(size, content, _arrival);
            await connection.ReadBytesAsync(passing.Append, size, cancellationToken);
            await ReadEndAsync(cancellationToken);
            _seen[message.Listed.Number] = new ReceivedSize(size, size, passing.Lines, Dots: 0, SingleDots: 1);
            var arrival = _arrival.Take();
            handed = true;
            await HandOverAsync(message, content, arrival, receiver, proved: true, cancellationToken);
            return null;
        }
        finally
        {
            if (!handed)
                await content.DisposeAsync();
        }
    }

    private async Task<MailException?> ReceiveWithDotsAsync(
        Wanted message,
        ReceivedSize first,
        IContentSink receiver,
        CancellationToken cancellationToken
    )
    {
        var reply = await RetrieveAsync(message.Listed, cancellationToken);
        if (!reply.Ok)
            return Unreadable(message, reply);
        var second = await ReceiveAsync(message, first.Length + first.Dots, receiver, last: true, cancellationToken, keepDots: true);
        return second.Delivered
            ? null
            : Uncertain(message, $"it sent {first.Length + first.Dots:N0} bytes and then {second.Size.Length:N0}");
    }

    private async Task<bool> IsEstimateAsync(ListedMessage message, ReceivedSize size, CancellationToken cancellationToken)
    {
        var probes = Listed
            .Where(other => other.Number != message.Number && other.Size is not null)
            .OrderBy(other => other.Size)
            .Take(MostProbes);
        foreach (var probe in probes.Where(probe => !_seen.ContainsKey(probe.Number)).ToList())
        {
            if ((await RetrieveAsync(probe, cancellationToken)).Ok)
                await ReceiveAsync(new Wanted(0, probe), null, Nobody, last: true, cancellationToken);
        }
        return ListEvidence.IsEstimate(size, [.. _seen.Where(seen => seen.Key != message.Number).Select(seen => seen.Value)]);
    }

    private async Task<Pop3Reply> RetrieveAsync(ListedMessage message, CancellationToken cancellationToken)
    {
        IsAtRest = false;
        connection.ThrowIfOutOfStep();
        var reply = await connection.RunAsync($"RETR {message.Number}", cancellationToken);
        IsAtRest = true;
        return reply;
    }

    private MailException Unreadable(Wanted message, Pop3Reply reply) =>
        reply.Refused(Reason.SourceUnreadable, $"{account}: fetching {Name(message)}");

    private MailException Uncertain(Wanted message, string why) =>
        new(
            Reason.SourceUnreadable,
            $"{account}: {Name(message)} has "
                + $"{(message.Listed.Size is { } size ? $"{size:N0} bytes" : "a size that is not known")} as the server lists it, but "
                + $"{why}."
        );

    /// <summary>As the server knows it: it does not know Migrator's UIDs.</summary>
    private static string Name(Wanted message) =>
        message.Listed.Uidl is { } uidl ? $"message {message.Listed.Number} (UIDL {uidl})" : $"message {message.Listed.Number}";
}
