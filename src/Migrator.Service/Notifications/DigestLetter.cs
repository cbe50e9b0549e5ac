using Migrator.App.Formatting;
using Migrator.App.Health;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Core.Rounds;

namespace Migrator.Service.Notifications;

/// <summary>Tells of all rounds of a day.</summary>
internal static class DigestLetter
{
    private const int MostRounds = 1000;

    /// <param name="day">That it is sent on.</param>
    /// <param name="jobs">That it is of; null for all.</param>
    public static string Id(DateOnly day, IReadOnlyList<string>? jobs) => $"migrator.digest.{day:yyyyMMdd}.{Letters.Hash(jobs ?? [])}";

    /// <param name="rounds">That were over between the two times, of these jobs.</param>
    public static Letter Of(string id, DateOnly day, DateTimeOffset since, DateTimeOffset until, IReadOnlyList<string>? jobs, IReadOnlyList<RoundStatus> rounds,
        IReadOnlyList<(JobDefinition Job, IReadOnlyList<LateMailbox> Late)> late, Uri? dashboard)
    {
        List<RoundStatus> sorted = [.. rounds.OrderBy(round => round.Runs.Complete == round.Runs.All).ThenBy(round => round.Finished)];
        var lateOnes = late.SelectMany(of => of.Late.Select(mailbox => (of.Job, Mailbox: mailbox))).ToList();
        var bad = sorted.Count(round => round.Runs.Complete != round.Runs.All);
        var verdict = (rounds.Count, bad) switch
        {
            (0, _) => "no rounds",
            (1, 0) => "1 round, complete",
            (1, _) => "1 round, not complete",
            (var all, 0) => $"all {Format.Count(all)} rounds complete",
            var (all, _) => $"{Format.Count(all - bad)} of {Format.Count(all)} rounds complete, {Format.Count(bad)} not",
        } + (lateOnes.Count == 0 ? "" : $"; {Format.Count(lateOnes.Count, "mailbox", "mailboxes")} late");
        var title = $"{(jobs is null ? "" : $"{string.Join(", ", jobs)}: ")}{verdict}";
        var link = Letters.Link(dashboard, jobs is [var only] ? only : null);
        var messages = rounds.Aggregate(default(MessageCounts), (sum, round) => sum + round.Messages);
        var page = new LetterPage(title, bad == 0 && lateOnes.Count == 0,
        [
            ("From", Format.Moment(since)),
            ("To", Format.Moment(until)),
            ("Rounds", Format.Count(rounds.Count)),
            ("Messages", Letters.Counts(messages, "new")),
        ],
        [
            LetterTable.Of("Late mailboxes", ["Mailbox", "Job", "Last complete"], lateOnes, of => [of.Mailbox.Mailbox, of.Job.Name, of.Mailbox.LastGood is { } good ? Format.Moment(good) : "never"]),
            LetterTable.Of("Rounds", ["Job", "Outcome", "Mailboxes", "Messages", "Ended"], sorted, round =>
                [round.Job, RoundLetter.Word(round.Runs), Letters.Counts(round.Runs), Letters.Counts(round.Messages, "new"), Format.Moment(round.Finished ?? round.Started)]),
        ], link);
        return new Letter(id, Letters.Subject($"{day:yyyy-MM-dd}: {title}"), until, page, Letters.Json(new
        {
            Event = "digest.daily",
            Letters.Version,
            Id = id,
            Day = day,
            Since = since,
            Until = until,
            Jobs = jobs,
            Messages = messages,
            RoundCount = rounds.Count,
            Rounds = sorted.Take(MostRounds).Select(round => new
            {
                round.Job,
                round.Round,
                round.Cause,
                round.ScheduledFor,
                round.Started,
                round.Finished,
                Outcome = RoundLetter.Outcome(round.Runs),
                Runs = new { round.Runs.All, round.Runs.Complete, round.Runs.Partial, round.Runs.Failed, round.Runs.Cancelled },
                round.Messages,
            }),
            Late = lateOnes.Select(of => new { Job = of.Job.Name, of.Mailbox.Mailbox, of.Mailbox.LastGood, of.Mailbox.Since }),
            Link = link,
        }));
    }
}
