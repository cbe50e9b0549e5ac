using Migrator.Core.Mail;
using Migrator.Files.Disk;
using Migrator.Files.Findings;
using Migrator.Files.Mbox;
using MimeKit.Utils;

namespace Migrator.Files.Reading;

/// <summary>Decides when a message in a file of another program arrived. What a file system keeps is often only when the file was copied or
/// unpacked, so it counts where there is nothing better, or where it agrees with what is.</summary>
internal sealed class MessageDates(TimeProvider time)
{
    private static readonly TimeSpan s_anyZone = TimeSpan.FromHours(14);

    // File systems and archives that keep no time say 1970 or 1980.
    private static readonly DateTimeOffset s_firstMail = new(1981, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="separator">The line before the message, where one is.</param>
    /// <param name="head">The beginning of the message.</param>
    public (DateTimeOffset Date, DateSource Source) OfMbox(string separator, ReadOnlySpan<byte> head, FileStamp stamp)
    {
        var (header, written) = (OfHeader(head), SeparatorLine.Date(separator));
        if (written is not { } line || !IsPlausible(line))
            return header ?? (stamp.ModifiedAt, DateSource.Modified);
        // Without a zone it may be any clock's; the Received header has the same moment with its zone. And what Thunderbird writes is when
        // it stored the message.
        return
            header is { Source: DateSource.Received } received
            && !SeparatorLine.HasZone(separator)
            && ((received.Date - line).Duration() <= s_anyZone || separator.StartsWith("From - ", StringComparison.Ordinal))
            ? received
            : (line, DateSource.Separator);
    }

    public (DateTimeOffset Date, DateSource Source) OfEml(ReadOnlySpan<byte> head, DateTimeOffset? apple, FileStamp stamp) =>
        apple is { } kept && IsPlausible(kept) ? (kept, DateSource.AppleMail) : OfHeader(head) ?? (stamp.ModifiedAt, DateSource.Modified);

    /// <param name="name">The seconds with which the file's name begins; null where it does not.</param>
    /// <param name="head">Asked only where it matters.</param>
    public (DateTimeOffset Date, DateSource Source) OfMaildir(DateTimeOffset? name, Func<byte[]> head, FileStamp stamp)
    {
        if (name is not { } delivered || !IsPlausible(delivered))
            return OfHeader(head()) ?? (stamp.ModifiedAt, DateSource.Modified);
        // A server that was given a date with a message (Dovecot) sets the file's time to it, which is then before the name's; copying
        // never makes it earlier.
        if (stamp.ModifiedAt <= delivered.AddMinutes(1) && stamp.ModifiedAt >= s_firstMail)
            return (stamp.ModifiedAt, DateSource.FileTime);
        // The name may be of a later migration, whose date in the file's time got lost.
        return OfHeader(head()) is { Source: DateSource.Received } received && received.Date < delivered.AddDays(-1)
            ? received
            : (delivered, DateSource.FileName);
    }

    /// <summary>By the same rule as for POP3, which keeps no date either.</summary>
    private (DateTimeOffset Date, DateSource Source)? OfHeader(ReadOnlySpan<byte> head)
    {
        var arrival = new ArrivalDate(time, DateUtils.TryParse);
        arrival.Append(head);
        return arrival.Take() switch
        {
            { From: ReceivedDateSource.Received } received => (received.Date, DateSource.Received),
            { From: ReceivedDateSource.Date } date => (date.Date, DateSource.Header),
            _ => null,
        };
    }

    private bool IsPlausible(DateTimeOffset date) => date >= s_firstMail && date <= time.GetUtcNow().AddDays(1);
}
