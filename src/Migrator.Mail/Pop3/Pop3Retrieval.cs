using System.Security.Cryptography;
using Migrator.Core.Mail;

namespace Migrator.Mail.Pop3;

/// <summary>Gets messages from the server, several commands at a time where it takes them (PIPELINING, RFC 2449, section 6.6).</summary>
internal sealed class Pop3Retrieval(Pop3Connection connection, Pop3Capabilities capabilities, string account, TimeProvider time)
{
    // Bounds the commands that a server must hold.
    private const int Batch = 100;

    private readonly ArrivalDate _arrival = new(time);
    private bool _estimates;

    // Where the server estimates sizes, each message comes twice: one by one, so that they still come in order.
    public int BatchSize => capabilities.Pipelining && !_estimates ? Batch : 1;

    /// <summary>All that was asked has been answered.</summary>
    public bool IsAtRest { get; private set; } = true;

    /// <summary>Sends one command for each of a few messages at once, and hands over each answer in turn, to be read to its end.</summary>
    public async Task AskAsync(string command, IEnumerable<ListedMessage> messages, Func<int, Pop3Reply, Task> answered, CancellationToken cancellationToken)
    {
        var commands = messages.Select(message => command == "TOP" ? $"TOP {message.Number} 0" : $"{command} {message.Number}").ToList();
        IsAtRest = false;
        await connection.SendAsync(commands, cancellationToken).ConfigureAwait(false);
        for (var index = 0; index < commands.Count; index++)
            await answered(index, await connection.ReadReplyAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        IsAtRest = true;
    }

    /// <summary>As <see cref="IMailSource.FetchAsync"/>. A message that is refused does not hold up those after it.</summary>
    /// <exception cref="MailException">Of scope <see cref="FailureScope.Message"/>: of the first that was refused or cut short.</exception>
    public async Task FetchAsync(IEnumerable<(uint Uid, ListedMessage Listed)> messages, IContentReceiver receiver, CancellationToken cancellationToken)
    {
        MailException? refused = null;
        var waiting = new Queue<(uint Uid, ListedMessage Listed)>(messages);
        while (waiting.Count > 0)
        {
            var batch = Enumerable.Range(0, Math.Min(BatchSize, waiting.Count)).Select(_ => waiting.Dequeue()).ToList();
            var again = new List<((uint Uid, ListedMessage Listed) Message, long Size)>();
            await AskAsync("RETR", batch.Select(message => message.Listed), async (index, reply) =>
            {
                var message = batch[index];
                if (!reply.Ok)
                    refused ??= Unreadable(message.Uid, reply);
                else if (await ReceiveAsync(message.Uid, message.Listed.Size, receiver, cancellationToken).ConfigureAwait(false) is { } size)
                    again.Add((message, size));
            }, cancellationToken).ConfigureAwait(false);
            foreach (var (message, size) in again)
                refused = await ReceiveAgainAsync(message.Uid, message.Listed, size, receiver, cancellationToken).ConfigureAwait(false) ?? refused;
        }
        if (refused is not null)
            throw refused;
    }

    /// <returns>The SHA-256 of what the server sends, in hexadecimal digits; null for a message that it does not give out.</returns>
    public async Task<IReadOnlyList<string?>> HashAsync(IReadOnlyList<ListedMessage> messages, CancellationToken cancellationToken)
    {
        var hashes = new List<string?>();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var batch in messages.Chunk(BatchSize))
        {
            await AskAsync("RETR", batch, async (_, reply) =>
            {
                if (reply.Ok)
                    await connection.ReadContentAsync(hash.AppendData, cancellationToken).ConfigureAwait(false);
                hashes.Add(reply.Ok ? Convert.ToHexStringLower(hash.GetHashAndReset()) : null);
            }, cancellationToken).ConfigureAwait(false);
        }
        return hashes;
    }

    /// <returns>Null if the message came whole and was handed over; else how many octets came.</returns>
    private async Task<long?> ReceiveAsync(uint uid, long size, IContentReceiver receiver, CancellationToken cancellationToken)
    {
        var content = receiver.Open(uid, size);
        var message = new PassingMessage(size, content, _arrival);
        try
        {
            await connection.ReadContentAsync(message.Append, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        var arrival = _arrival.Take();
        if (!message.IsWhole)
        {
            await content.DisposeAsync().ConfigureAwait(false);
            return message.Received;
        }
        content.Position = 0;
        await receiver.CompleteAsync(uid, content, arrival, cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>A message that did not have the size that LIST said was cut short, or LIST estimates. It counts if the same size comes
    /// again: refusing it outright would leave whole mailboxes behind, taking it as it comes would trust what was cut short.</summary>
    private async Task<MailException?> ReceiveAgainAsync(uint uid, ListedMessage message, long size, IContentReceiver receiver, CancellationToken cancellationToken)
    {
        _estimates = true;
        var reply = await connection.RunAsync($"RETR {message.Number}", cancellationToken).ConfigureAwait(false);
        if (!reply.Ok)
            return Unreadable(uid, reply);
        return await ReceiveAsync(uid, size, receiver, cancellationToken).ConfigureAwait(false) is not { } other ? null
            : new MailException(Reason.SourceUnreadable, $"{account}: the message with UID {uid} has {message.Size} octets as the server lists it, but it sent {size} and then {other}.");
    }

    private MailException Unreadable(uint uid, Pop3Reply reply) => reply.Refused(Reason.SourceUnreadable, $"{account}: fetching the message with UID {uid}");
}
