using System.Buffers;
using System.Text;

namespace Migrator.Core.Mail;

/// <summary>Finds out when a message arrived, from its header as it passes by, for a source that keeps no INTERNALDATE: POP3, and most
/// files. The topmost Received header comes closest, since the last server wrote it.</summary>
public sealed class ArrivalDate(TimeProvider time, DateParser parse)
{
    /// <summary>Bytes of header that are kept at most; the topmost Received header is near the top.</summary>
    public const int MostKept = 256 << 10;

    private readonly ArrayBufferWriter<byte> _header = new();
    private bool _complete;

    /// <summary>Bytes of the message, in order.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_complete)
            return;
        bytes = bytes[..Math.Min(bytes.Length, MostKept - _header.WrittenCount)];
        var before = _header.WrittenCount;
        _header.Write(bytes);
        // The end may have begun in what came before.
        var look = Math.Max(0, before - 3);
        _complete = _header.WrittenCount == MostKept || EndOfHeader(_header.WrittenSpan[look..], atStart: look == 0) >= 0;
    }

    /// <summary>The date of the message whose bytes have passed; the next bytes are another's.</summary>
    public ReceivedDate Take()
    {
        var bytes = _header.WrittenSpan;
        var end = EndOfHeader(bytes, atStart: true);
        var header = Unfold(Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]));
        _header.ResetWrittenCount();
        _complete = false;
        var now = time.GetUtcNow();
        if (Value(header, "Received") is { } received && FromReceived(received) is { } arrived && IsPlausible(arrived, now))
            return new ReceivedDate(arrived, ReceivedDateSource.Received);
        if (Value(header, "Date") is { } date && Read(date) is { } written && IsPlausible(written, now))
            return new ReceivedDate(written, ReceivedDateSource.Date);
        return new ReceivedDate(now, ReceivedDateSource.Now);
    }

    /// <returns>The date-time after the last semicolon (RFC 5322, section 3.6.7).</returns>
    private DateTimeOffset? FromReceived(string value)
    {
        // Semicolons stand in comments too; a parenthesis that is never closed makes all that follows one.
        var plain = WithoutComments(value);
        return Read(plain[(plain.LastIndexOf(';') + 1)..]) ?? Read(value[(value.LastIndexOf(';') + 1)..]);
    }

    private DateTimeOffset? Read(string text) => parse(text.Trim(), out var date) ? date : null;

    // A clock that was wrong, or a date that someone made up: a mailbox sorted by it would be of no use.
    private static bool IsPlausible(DateTimeOffset date, DateTimeOffset now) => date >= DateTimeOffset.UnixEpoch && date <= now.AddDays(1);

    /// <returns>Where the first blank line begins; -1 where there is none.</returns>
    private static int EndOfHeader(ReadOnlySpan<byte> bytes, bool atStart)
    {
        if (atStart && (bytes.StartsWith("\r\n"u8) || bytes.StartsWith("\n"u8)))
            return 0;
        for (var position = 0; bytes[position..].IndexOf((byte)'\n') is var found and >= 0; )
        {
            position += found + 1;
            if (bytes[position..].StartsWith("\r\n"u8) || bytes[position..].StartsWith("\n"u8))
                return position;
        }
        return -1;
    }

    private static List<string> Unfold(string header)
    {
        var lines = new List<StringBuilder>();
        foreach (var line in header.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            if (lines.Count > 0 && line.Length > 0 && line[0] is ' ' or '\t')
                lines[^1].Append(line);
            else
                lines.Add(new StringBuilder(line));
        }
        return [.. lines.Select(line => line.ToString())];
    }

    private static string? Value(List<string> header, string name) =>
        header
            .Where(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase) && line[name.Length..].TrimStart().StartsWith(':'))
            .Select(line => line[(line.IndexOf(':') + 1)..].Trim())
            .FirstOrDefault();

    /// <summary>Comments nest, and a backslash takes the meaning from a parenthesis (RFC 5322, section 3.2.2).</summary>
    private static string WithoutComments(string value)
    {
        var (plain, depth) = (new StringBuilder(), 0);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && depth > 0)
                i++;
            else if (value[i] == '(')
                depth++;
            else if (value[i] == ')' && depth > 0)
                depth--;
            else if (depth == 0)
                plain.Append(value[i]);
        }
        return plain.ToString();
    }
}
