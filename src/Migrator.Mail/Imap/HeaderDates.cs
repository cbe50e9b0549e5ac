using System.Text;
using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Mail;
using MimeKit;
using MimeKit.Utils;

namespace Migrator.Mail.Imap;

/// <summary>Dates of arrival of messages for which the server has no INTERNALDATE that can be read: from their headers, as for
/// POP3.</summary>
internal sealed class HeaderDates(ImapSource source, TimeProvider time)
{
    /// <returns>One for each of them.</returns>
    public async Task<IReadOnlyDictionary<Uid, ReceivedDate>> ReadAsync(IReadOnlyList<Uid> uids, CancellationToken cancellationToken)
    {
        var dates = uids.ToDictionary(uid => uid, _ => new ReceivedDate(time.GetUtcNow(), ReceivedDateSource.Now));
        try
        {
            if (uids.Count > 0)
                await ReadAsync(uids, dates, cancellationToken);
        }
        catch (ImapCommandException)
        {
            // One of them may be to blame.
            foreach (var uid in uids)
                await ReadAloneAsync(uid, dates, cancellationToken);
        }
        return dates;
    }

    private async Task ReadAloneAsync(Uid uid, Dictionary<Uid, ReceivedDate> dates, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync([uid], dates, cancellationToken);
        }
        catch (ImapCommandException)
        {
            // Its content may be readable all the same.
        }
    }

    private async Task ReadAsync(IReadOnlyList<Uid> uids, Dictionary<Uid, ReceivedDate> dates, CancellationToken cancellationToken)
    {
        var request = new FetchRequest(MessageSummaryItems.UniqueId, [HeaderId.Received, HeaderId.Date]);
        var summaries = new List<IMessageSummary>();
        await source.InSetsAsync(uids, async ids => summaries.AddRange(await source.Opened.FetchAsync(ids, request, cancellationToken)));
        foreach (var summary in summaries.Where(summary => dates.ContainsKey(summary.UniqueId.Id)))
        {
            var arrival = new ArrivalDate(time, DateUtils.TryParse);
            foreach (var header in summary.Headers ?? [])
                arrival.Append([.. Encoding.ASCII.GetBytes(header.Field + ":"), .. header.RawValue]);
            arrival.Append("\r\n"u8);
            dates[summary.UniqueId.Id] = arrival.Take();
        }
    }
}
