using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>Appends many messages in one round trip to a server that has no MULTIAPPEND: the next APPEND is sent before the
/// last is answered, with non-synchronizing literals (LITERAL+, RFC 7888).</summary>
/// <remarks>MailKit runs one command at a time, and so on a line of 40 ms appends 25 messages a second. This is a connection
/// of its own: MailKit logs in on it and from then on leaves it alone, so that neither reads what is meant for the
/// other.</remarks>
internal sealed partial class AppendPipeline(StreamingImapClient client, Stream stream, string account, Transcript? transcript)
    : IAsyncDisposable
{
    private readonly BufferedStream _output = new(stream, 1 << 16);
    private readonly StreamReader _input = new(
        stream,
        Encoding.Latin1,
        detectEncodingFromByteOrderMarks: false,
        bufferSize: 4096,
        leaveOpen: true
    );
    private int _tag;

    /// <inheritdoc cref="IMailTarget.AppendAsync"/>
    public async Task<AppendResult> AppendAsync(
        string encodedFolder,
        IReadOnlyList<OutgoingMessage> messages,
        CancellationToken cancellationToken
    )
    {
        var batch = new Batch(messages, _tag + 1);
        // One more for the command that ends a batch early.
        _tag += messages.Count + 1;
        try
        {
            // Read while writing: a server that cannot get rid of its answers stops taking commands.
            var reading = ReadAsync(batch, cancellationToken);
            var writing = WriteAsync(encodedFolder, batch, cancellationToken);
            // The first that fails, by silence too, ends both: the other may be held up by the same.
            if (await Task.WhenAny(reading, writing) is { IsCompletedSuccessfully: false } failed)
            {
                await stream.DisposeAsync();
                await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await failed;
            }
            await writing;
            await reading;
            return new AppendResult(batch.Results, batch.Interruption);
        }
        catch (Exception exception) when (ExceptionClassifier.IsMail(exception) || exception is OperationCanceledException)
        {
            return new AppendResult(
                batch.Results,
                exception is MailException or OperationCanceledException
                    ? exception
                    : new MailException(
                        Reason.ConnectionLost,
                        $"{account}: appending: the connection was lost ({ExceptionClassifier.Innermost(exception)}).",
                        exception
                    )
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await stream.DisposeAsync();
    }

    private async Task WriteAsync(string encodedFolder, Batch batch, CancellationToken cancellationToken)
    {
        for (var index = 0; index < batch.Messages.Count; index++)
        {
            if (batch.Interruption is not null)
            {
                // The answer to it is the last one: how many commands were sent by now, the reader cannot know.
                await SendAsync($"P{batch.Last} NOOP\r\n", cancellationToken);
                break;
            }
            var message = batch.Messages[index];
            batch.Begin(index);
            // date-time of RFC 9051, section 9: two digits for the day, no colon in the zone.
            var date = message.InternalDate is { } given
                ? $"\"{given.ToString("dd-MMM-yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture).Remove(24, 1)}\" "
                : "";
            await SendAsync(
                $"P{batch.First + index} APPEND {encodedFolder} ({message.Flags}) {date}{{{message.Size}+}}\r\n",
                cancellationToken
            );
            await using (var content = message.Content())
                await content.CopyToAsync(_output, cancellationToken);
            await _output.WriteAsync("\r\n"u8.ToArray(), cancellationToken);
        }
        await _output.FlushAsync(cancellationToken);
    }

    private async Task SendAsync(string command, CancellationToken cancellationToken)
    {
        transcript?.ClientLine(command.TrimEnd());
        await _output.WriteAsync(Encoding.Latin1.GetBytes(command), cancellationToken);
    }

    private async Task ReadAsync(Batch batch, CancellationToken cancellationToken)
    {
        for (var answers = 0; answers < batch.Messages.Count; )
        {
            var line = await _input.ReadLineAsync(cancellationToken) ?? throw new IOException("The server closed the connection.");
            transcript?.ServerLine(line);
            if (ImapErrors.Goodbye(line, $"{account}: appending") is { } goodbye)
                throw goodbye;
            if (Answer().Match(line) is not { Success: true } answer)
                continue;
            var tag = int.Parse(answer.Groups["tag"].Value, CultureInfo.InvariantCulture);
            if (tag == batch.Last)
                return;
            if (!batch.Awaits(tag - batch.First))
                throw new IOException($"The server answered a command that it was not sent (P{tag}).");
            batch.Answered(
                tag - batch.First,
                answer.Groups["ok"].Success
                    ? Stored(AppendUid().Match(line))
                    : RefusedAppend.Of(
                        ImapErrors.Refused(
                            answer.Groups["code"].Value,
                            answer.Groups["text"].Value,
                            Reason.AppendRefused,
                            $"{account}: appending"
                        )
                    )
            );
            answers++;
        }
    }

    private static AppendedMessage Stored(Match reported) =>
        uint.TryParse(reported.Groups["uid"].Value, CultureInfo.InvariantCulture, out var uid)
        && uint.TryParse(reported.Groups["validity"].Value, CultureInfo.InvariantCulture, out var validity)
            ? new AppendedMessage(AppendState.Stored, uid, UidValidity: validity)
            : new AppendedMessage(AppendState.Stored);

    [GeneratedRegex(@"^P(?<tag>\d{1,9}) (?:(?<ok>OK)|NO|BAD)\b(?: \[(?<code>[^\]]*)\])?(?<text>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Answer();

    [GeneratedRegex(@"\[APPENDUID (?<validity>\d{1,10}) (?<uid>\d{1,10})\]", RegexOptions.IgnoreCase)]
    private static partial Regex AppendUid();

    /// <summary>The messages of one call, and what is known of each.</summary>
    private sealed class Batch(IReadOnlyList<OutgoingMessage> messages, int first)
    {
        private readonly AppendedMessage[] _results = new AppendedMessage[messages.Count];
        private volatile MailException? _interruption;

        public IReadOnlyList<OutgoingMessage> Messages => messages;

        public IReadOnlyList<AppendedMessage> Results => _results;

        public int First => first;

        /// <summary>The tag of the command that ends the batch early.</summary>
        public int Last => first + messages.Count;

        /// <summary>The first answer that concerns more than its own message: nothing more is sent.</summary>
        public MailException? Interruption => _interruption;

        public bool Awaits(int index) => index >= 0 && index < _results.Length && _results[index].State == AppendState.Unknown;

        public void Begin(int index) => _results[index] = new AppendedMessage(AppendState.Unknown);

        public void Answered(int index, AppendedMessage answer)
        {
            if (answer.Refusal is { Reason.Scope: not (FailureScope.Message or FailureScope.Mailbox) } wider)
            {
                _interruption ??= wider;
                answer = new AppendedMessage(AppendState.NotSent);
            }
            _results[index] = answer;
        }
    }
}
