using Migrator.App.Formatting;
using Migrator.App.Health;
using Migrator.Core.Jobs;

namespace Migrator.Service.Notifications;

/// <summary>Tells of mailboxes of one job that are late.</summary>
internal static class LateLetter
{
    public static Letter Of(JobDefinition job, TimeSpan? limit, IReadOnlyList<LateMailbox> late, DateTimeOffset now, Uri? dashboard)
    {
        var (one, many) = job.IsUpkeep ? ("archive", "archives") : ("mailbox", "mailboxes");
        var verdict = late.Count == 1 ? $"1 {one} is late" : $"{Format.Count(late.Count)} {many} are late";
        var link = Letters.Link(dashboard, job.Name);
        // The same when it is told again.
        var id = $"migrator.late.{Letters.Hash([job.Name, .. late.Select(mailbox => $"{mailbox.Mailbox}:{mailbox.LastGood?.ToUnixTimeMilliseconds()}")])}";
        var page = new LetterPage($"{job.Name}: {verdict}", false,
        [
            ("Job", job.Name),
            ("Late means", limit is { } after ? $"no complete run for more than {Format.Duration(after)}" : "no complete run for too long"),
            ("What to do", "See why its runs do not end well; where there are none, whether a worker runs and its window is long enough."),
        ],
        [LetterTable.Of($"Late {many}", [job.IsUpkeep ? "Archive" : "Mailbox", "Last complete", "Since"], late, mailbox => [mailbox.Mailbox, mailbox.LastGood is { } good ? Format.Moment(good) : "never", Format.Duration(now - mailbox.Since)])], link);
        return new Letter(id, Letters.Subject($"{job.Name}: {verdict}"), now, page, Letters.Json(new
        {
            Event = "mailbox.late",
            Letters.Version,
            Id = id,
            Job = job.Name,
            LateAfterSeconds = limit?.TotalSeconds,
            Late = late,
            Link = link,
        }));
    }
}
