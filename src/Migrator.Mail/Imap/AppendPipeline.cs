using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;
using Migrator.Mail.Connecting;

namespace Migrator.Mail.Imap;

/// <summary>Appends many messages in one round trip to a server that has no MULTIAPPEND: the next APPEND is sent before the
/// last is answered, with non-synchronizing literals (LITERAL+, RFC 7888).</summary>
/// <remarks>MailKit runs one command at a time, and so on a line of 40 ms appends 25 messages a second. This is a connection
/// of its own: MailKit logs in on it and from then on leaves it alone, so that neither reads what is meant for the
/// other.</remarks>
internal sealed partial class AppendPipeline(FetchingClient client, Stream stream, string account, Transcript? transcript) : IAsyncDisposable
{
    private readonly BufferedStream _output = new(stream, 1 << 16);
    private readonly StreamReader _input = new(stream, Encoding.Latin1, detectEncodingFromByteOrderMarks: false, bufferSize: 4096, leaveOpen: true);
    private int _tag;

    /// <returns>What became of each, in order.</returns>
    /// <exception cref="MailException">The connection was lost: it is not known which of them were appended.</exception>
    public async Task<IReadOnlyList<Appended>> AppendAsync(string encodedFolder, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var first = _tag + 1;
        _tag += messages.Count;
        try
        {
            // Read while writing: a server that cannot get rid of its answers stops taking commands.
            var reading = ReadAsync(first, messages.Count, cancellationToken);
            var writing = WriteAsync(encodedFolder, first, messages, cancellationToken);
            // The first that fails, by silence too, ends both: the other may be held up by the same.
            if (await Task.WhenAny(reading, writing).ConfigureAwait(false) is { IsCompletedSuccessfully: false } failed)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await failed.ConfigureAwait(false);
            }
            await writing.ConfigureAwait(false);
            return await reading.ConfigureAwait(false);
        }
        catch (Exception exception) when (MailErrors.IsMail(exception))
        {
            throw exception as MailException ?? new MailException(Reason.ConnectionLost, $"{account}: appending: the connection was lost ({MailErrors.Innermost(exception)}).", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WriteAsync(string encodedFolder, int first, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        foreach (var (index, message) in messages.Index())
        {
            // date-time of RFC 9051, section 9: two digits for the day, no colon in the zone.
            var date = message.InternalDate.ToString("dd-MMM-yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + message.InternalDate.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "");
            var command = $"P{first + index} APPEND {encodedFolder} ({message.Flags}) \"{date}\" {{{message.Size}+}}\r\n";
            transcript?.ClientLine(command.TrimEnd());
            await _output.WriteAsync(Encoding.Latin1.GetBytes(command), cancellationToken).ConfigureAwait(false);
            await using (var content = message.Content())
                await content.CopyToAsync(_output, cancellationToken).ConfigureAwait(false);
            await _output.WriteAsync("\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        }
        await _output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Appended>> ReadAsync(int first, int count, CancellationToken cancellationToken)
    {
        var (results, missing) = (new Appended[count], count);
        while (missing > 0)
        {
            var line = await _input.ReadLineAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new IOException("The server closed the connection.");
            transcript?.ServerLine(line);
            if (line.StartsWith("* BYE", StringComparison.OrdinalIgnoreCase))
                throw new IOException(line[2..]);
            if (Answer().Match(line) is not { Success: true } answer)
                continue;
            var index = int.Parse(answer.Groups["tag"].Value, CultureInfo.InvariantCulture) - first;
            if (index < 0 || index >= count)
                throw new IOException($"The server answered a command that it was not sent ({answer.Groups["tag"].Value}).");
            results[index] = answer.Groups["ok"].Success
                ? new Appended(AppendUid().Match(line) is { Success: true } uid ? uint.Parse(uid.Groups[1].Value, CultureInfo.InvariantCulture) : 0, null)
                : new Appended(0, ImapErrors.Refused(answer.Groups["code"].Value, answer.Groups["text"].Value, Reason.AppendRefused, $"{account}: appending"));
            missing--;
        }
        return results;
    }

    [GeneratedRegex(@"^P(?<tag>\d{1,9}) (?:(?<ok>OK)|NO|BAD)(?: \[(?<code>[^\]]*)\])?(?<text>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Answer();

    [GeneratedRegex(@"\[APPENDUID \d+ (\d{1,10})\]", RegexOptions.IgnoreCase)]
    private static partial Regex AppendUid();
}
