using System.Globalization;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using MimeKit.Utils;

namespace Migrator.Mail.Pop3;

/// <summary>Gets messages from the server, several commands at a time where it takes them (PIPELINING, RFC 2449, section 6.6).</summary>
/// <remarks>An answer does not say which command it answers: where a server gives one too many, or leaves one out, each that follows is
/// taken for another message's, which may be of the same size. So nothing is handed over before STAT, whose answer is known and unlike
/// that of RETR, was answered where its answer was due. It follows each RETR where commands may be pipelined. Elsewhere that would be
/// another round trip for each message: one STAT proves as many small messages as fit into memory.</remarks>
internal sealed class Pop3Retrieval(
    Pop3Connection connection,
    Pop3Capabilities capabilities,
    Pop3Pipelining pipelining,
    string account,
    TimeProvider time
)
{
    // Bounds the commands that a server must hold. As many more are STAT.
    private const int Batch = 100;

    // So many are read again where the connection is lost.
    private const int MostUnproved = 32;

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

    // Answers to RETR since STAT was answered last.
    private int _unproved;
    private bool _proofRequested;

    /// <summary>Everything that the server lists in this session.</summary>
    public IReadOnlyList<ListedMessage> Listed { get; set; } = [];

    /// <summary>What the server answers to STAT. No message holds a line like it, so that it tells an answer from mail.</summary>
    public Pop3Reply Stat { get; set; }

    // Where sizes do not fit, messages come twice: one by one, so that they still come in order.
    public int BatchSize => capabilities.Pipelining && !_oneByOne ? Batch : 1;

    /// <summary>All that was asked has been answered.</summary>
    public bool IsAtRest { get; private set; } = true;

    private readonly record struct Wanted(Uid Uid, ListedMessage Listed);

    /// <summary>What came of one message.</summary>
    /// <param name="EndsEarly">A line with nothing but a dot, which the server did not double, looked like the end.</param>
    private readonly record struct Reading(ReceivedSize Size, bool Whole, bool EndsEarly);

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
        await using var held = new HeldMessages(receiver, together: !capabilities.Pipelining);
        MailException? refused = null;
        var waiting = new Queue<Wanted>(messages.Select(message => new Wanted(message.Uid, message.Listed)));
        while (waiting.Count > 0)
        {
            var batch = Enumerable.Range(0, Math.Min(BatchSize, waiting.Count)).Select(_ => waiting.Dequeue()).ToList();
            var again = new List<(Wanted Message, Reading First)>();
            await RequestAsync([.. batch.Select(message => message.Listed)], held, cancellationToken);
            foreach (var message in batch)
            {
                var reply = await ReadReplyAsync(cancellationToken);
                if (!reply.Ok)
                    refused = await UnreadableAsync(message, reply, held, cancellationToken) is var now && refused is null ? now : refused;
                else if (await ReceiveAsync(message, message.Listed.Size, held, cancellationToken) is { Whole: false } reading)
                    again.Add((message, reading));
            }
            IsAtRest = true;
            foreach (var (message, first) in again)
                refused = await ReceiveAgainAsync(message, first, held, cancellationToken) ?? refused;
            IsAtRest = true;
        }
        await ProveAsync(held, cancellationToken);
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

    /// <summary>Reads one message, and holds it if it has <paramref name="size"/>.</summary>
    /// <param name="size">What is announced to the receiver; null to measure the message only.</param>
    private async Task<Reading> ReceiveAsync(
        Wanted message,
        long? size,
        HeldMessages held,
        CancellationToken cancellationToken,
        bool keepDots = false,
        bool sizeUnproved = false
    )
    {
        var content = size is { } announced ? held.Open(message.Uid, announced) : Stream.Null;
        var isHeld = false;
        try
        {
            var passing = new PassingMessage(size ?? 0, content, _arrival);
            var ended = await connection.ReadContentAsync(passing.Append, Most(message.Listed), cancellationToken, keepDots);
            var arrival = _arrival.Take() with { SizeUnproved = sizeUnproved };
            var length = size is { } exact && passing.IsWhole ? exact : passing.Received;
            var read = new ReceivedSize(message.Listed.Size, length, passing.Lines, keepDots ? 0 : ended.Dots, ended.SingleDots);
            var endsEarly = await EndsEarlyAsync(message.Listed, ended.Raw, cancellationToken);
            if (!endsEarly)
                _seen[message.Listed.Number] = read;
            if (isHeld = !endsEarly && size is not null && passing.IsWhole)
                Hold(message, content, arrival, held, proved: read.Fits);
            await ProveWhereDueAsync(held, cancellationToken);
            return new Reading(read, isHeld, endsEarly);
        }
        finally
        {
            if (!isHeld)
                await content.DisposeAsync();
        }
    }

    private void Hold(Wanted message, Stream content, ReceivedDate arrival, HeldMessages held, bool proved)
    {
        if (proved)
            _proved.Add(message.Listed.Number);
        held.Add(message.Uid, content, arrival);
    }

    /// <summary>After a message that is shorter than LIST says: a server that does not double dots may have sent a line that is nothing but
    /// a dot. Then what follows is not an answer but the rest of the message, and its size tells where it ends.</summary>
    /// <param name="raw">Bytes that came up to that line, and with it.</param>
    private async Task<bool> EndsEarlyAsync(ListedMessage message, long raw, CancellationToken cancellationToken)
    {
        // The server adds the end of a last line that has none.
        if (message.Size is not { } listed || raw > listed + 2)
            return false;
        await RequestProofAsync(cancellationToken);
        if (Pop3Reply.Parse(await connection.PeekLineAsync(cancellationToken)) is { } next && IsStat(next))
            return false;
        await connection.ReadBytesAsync(_ => { }, Math.Max(0, listed - raw), cancellationToken);
        await ReadEndAsync(cancellationToken);
        return true;
    }

    private async Task RequestProofAsync(CancellationToken cancellationToken)
    {
        if (!_proofRequested && !capabilities.Pipelining)
            await connection.SendAsync(["STAT"], cancellationToken);
        _proofRequested = true;
    }

    private Task ProveWhereDueAsync(HeldMessages held, CancellationToken cancellationToken) =>
        _proofRequested || held.IsFull || _unproved >= MostUnproved ? ProveAsync(held, cancellationToken) : Task.CompletedTask;

    /// <summary>Hands over what is held if the server is in step.</summary>
    /// <exception cref="IOException">It is not: nothing is known of what came since the last proof.</exception>
    private async Task ProveAsync(HeldMessages held, CancellationToken cancellationToken)
    {
        if (_unproved == 0)
            return;
        await RequestProofAsync(cancellationToken);
        if (!ProvesStep(await connection.ReadReplyAsync(cancellationToken)))
            throw OutOfStep();
        (_proofRequested, _unproved) = (false, 0);
        await held.HandOverAsync(cancellationToken);
    }

    /// <summary>Mail that arrives changes the answer of servers that do not keep the mailbox as it was. The numbers of a message are never
    /// above the count of all.</summary>
    private bool ProvesStep(Pop3Reply reply) =>
        IsStat(reply) || (reply.Ok && Count(reply) is { } now && Count(Stat) is { } before && now > before);

    private static int? Count(Pop3Reply stat) =>
        stat.Text.Split(' ') is [var first, var second, ..]
        && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? count
            : null;

    private async Task<Pop3Reply> ReadReplyAsync(CancellationToken cancellationToken)
    {
        var reply = await connection.ReadReplyAsync(cancellationToken);
        _unproved++;
        // Where an answer was left out, that of STAT is next, and then another answer instead of a message.
        return reply.Ok && IsStat(reply) && Pop3Reply.Parse(await connection.PeekLineAsync(cancellationToken)) is not null
            ? throw OutOfStep()
            : reply;
    }

    private IOException OutOfStep()
    {
        pipelining.Failed = true;
        return new IOException("The server's answers are not those to what it was asked.");
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
        HeldMessages held,
        CancellationToken cancellationToken
    )
    {
        if (first.EndsEarly)
            return await ReceiveBySizeAsync(message, held, cancellationToken);
        if (first.Size.FitsWithDots && (first.Size.SingleDots > 0 || _seen.Values.Any(other => other.SingleDots > 0)))
            return await ReceiveWithDotsAsync(message, first.Size, held, cancellationToken);
        if (first.Size.SingleDots > 0)
            return Uncertain(
                message,
                "lines in it begin with a dot that the server did not double (RFC 1939, section 3), and its size does not show "
                    + "whether they belong to it"
            );
        var estimated = first.Size.Fits || await IsEstimateAsync(message.Listed, first.Size, held, cancellationToken);
        _oneByOne |= estimated && message.Listed.Size is not null;
        var reply = await RetrieveAsync(message.Listed, held, cancellationToken);
        if (!reply.Ok)
            return await UnreadableAsync(message, reply, held, cancellationToken);
        // Where LIST tells the size, this is to have it: the network may have been to blame the first time.
        var size = estimated ? first.Size.Length : message.Listed.Size;
        var second = await ReceiveAsync(message, size, held, cancellationToken, sizeUnproved: !first.Size.Fits && estimated);
        return second.Whole
            ? null
            : Uncertain(
                message,
                $"it sent {first.Size.Length:N0} bytes and then {second.Size.Length:N0}"
                    + (estimated ? "" : ": it is cut short, unless the server lists wrong sizes for some messages")
            );
    }

    private async Task<MailException?> ReceiveBySizeAsync(Wanted message, HeldMessages held, CancellationToken cancellationToken)
    {
        var reply = await RetrieveAsync(message.Listed, held, cancellationToken);
        if (!reply.Ok)
            return await UnreadableAsync(message, reply, held, cancellationToken);
        var size = message.Listed.Size!.Value;
        var content = held.Open(message.Uid, size);
        var isHeld = false;
        try
        {
            var passing = new PassingMessage(size, content, _arrival);
            await connection.ReadBytesAsync(passing.Append, size, cancellationToken);
            await ReadEndAsync(cancellationToken);
            _seen[message.Listed.Number] = new ReceivedSize(size, size, passing.Lines, Dots: 0, SingleDots: 1);
            isHeld = true;
            Hold(message, content, _arrival.Take(), held, proved: true);
            await ProveWhereDueAsync(held, cancellationToken);
            return null;
        }
        finally
        {
            if (!isHeld)
                await content.DisposeAsync();
        }
    }

    private async Task<MailException?> ReceiveWithDotsAsync(
        Wanted message,
        ReceivedSize first,
        HeldMessages held,
        CancellationToken cancellationToken
    )
    {
        var reply = await RetrieveAsync(message.Listed, held, cancellationToken);
        if (!reply.Ok)
            return await UnreadableAsync(message, reply, held, cancellationToken);
        var second = await ReceiveAsync(message, first.Length + first.Dots, held, cancellationToken, keepDots: true);
        return second.Whole ? null : Uncertain(message, $"it sent {first.Length + first.Dots:N0} bytes and then {second.Size.Length:N0}");
    }

    private async Task<bool> IsEstimateAsync(
        ListedMessage message,
        ReceivedSize size,
        HeldMessages held,
        CancellationToken cancellationToken
    )
    {
        var probes = Listed
            .Where(other => other.Number != message.Number && other.Size is not null)
            .OrderBy(other => other.Size)
            .Take(MostProbes);
        foreach (var probe in probes.Where(probe => !_seen.ContainsKey(probe.Number)).ToList())
        {
            if ((await RetrieveAsync(probe, held, cancellationToken)).Ok)
                await ReceiveAsync(new Wanted(0, probe), null, held, cancellationToken);
            else
                await ProveWhereDueAsync(held, cancellationToken);
        }
        return ListEvidence.IsEstimate(size, [.. _seen.Where(seen => seen.Key != message.Number).Select(seen => seen.Value)]);
    }

    private async Task<Pop3Reply> RetrieveAsync(ListedMessage message, HeldMessages held, CancellationToken cancellationToken)
    {
        await ProveAsync(held, cancellationToken);
        await RequestAsync([message], held, cancellationToken);
        return await ReadReplyAsync(cancellationToken);
    }

    private async Task RequestAsync(IReadOnlyList<ListedMessage> messages, HeldMessages held, CancellationToken cancellationToken)
    {
        if (messages.Any(message => !held.HasRoomFor(message.Size ?? 0)))
            await ProveAsync(held, cancellationToken);
        IsAtRest = false;
        connection.ThrowIfOutOfStep();
        _asked.UnionWith(messages.Select(message => message.Number));
        var proof = capabilities.Pipelining ? "\r\nSTAT" : "";
        await connection.SendAsync(messages.Select(message => $"RETR {message.Number}{proof}"), cancellationToken);
    }

    private async Task<MailException> UnreadableAsync(
        Wanted message,
        Pop3Reply reply,
        HeldMessages held,
        CancellationToken cancellationToken
    )
    {
        await ProveWhereDueAsync(held, cancellationToken);
        return reply.Refused(Reason.SourceUnreadable, $"{account}: fetching {Name(message)}");
    }

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
