using Migrator.Core.Failures;
using Migrator.Core.Migrations;

namespace Migrator.Core.Jobs;

/// <summary>Refuses mailboxes that would become one with another: mail of two people in one mailbox cannot be taken apart again. All that
/// are concerned are refused, because nobody can tell which of them is the one with the error.</summary>
public static class SharedMailboxes
{
    private const int MostNamed = 3;

    private sealed record Entry(JobDefinition Job, JobMailbox Mailbox)
    {
        public string Source { get; } = MailboxIdentity.Of(((MailboxJob)Mailbox.Job).Source);

        public string Where(Entry reader) =>
            Job == reader.Job ? $"{Mailbox.Name} ({Mailbox.Place})" : $"{Mailbox.Name} ({Mailbox.Place}; job \"{Job.Name}\" in {Job.File})";
    }

    /// <param name="jobs">All that may run beside each other.</param>
    /// <returns>The same jobs; in those that had such mailboxes, they are rows with errors.</returns>
    public static IReadOnlyList<JobDefinition> Refuse(IReadOnlyList<JobDefinition> jobs)
    {
        List<Entry> all = [.. jobs.SelectMany(job => job.Mailboxes.Select(mailbox => new Entry(job, mailbox)))];
        var errors = new Dictionary<JobMailbox, ConfigurationError>(ReferenceEqualityComparer.Instance);
        foreach (var same in all.GroupBy(entry => (entry.Job, entry.Source)))
            Refuse(
                [.. same],
                "$.source",
                "is the same mailbox as the source of",
                "Name each mailbox once; a further target needs a separate job."
            );
        foreach (
            var same in all.Where(entry => entry.Mailbox.Job is MigrateJob)
                .GroupBy(entry => MailboxIdentity.Of(((MigrateJob)entry.Mailbox.Job).Target))
        )
        {
            if (same.DistinctBy(entry => entry.Source).Count() > 1 && !Allowed(same))
                Refuse(
                    [.. same],
                    "$.target",
                    "is the same mailbox as the target of",
                    "Mail of several mailboxes would be merged permanently. Give each a separate target; if one target is "
                        + "intended, set \"allowSharedTarget\": true for each of them, and separate their folders with folders.into or "
                        + "folders.rename."
                );
        }
        foreach (
            var same in all.Where(entry => entry.Mailbox.Job is BackupJob)
                .GroupBy(entry => MailboxIdentity.Of((BackupJob)entry.Mailbox.Job))
        )
        {
            if (!Allowed(same))
                Refuse(
                    [.. same],
                    "$.archive",
                    "keeps the same mailbox as",
                    "Their snapshots would replace each other. Give one of them another archive; if this is intended, set "
                        + "\"allowSharedTarget\": true for each of them."
                );
        }
        return errors.Count == 0 ? jobs : [.. jobs.Select(job => job.Mailboxes.Any(errors.ContainsKey) ? Without(job) : job)];

        void Refuse(List<Entry> same, string path, string what, string advice)
        {
            for (var i = 0; same.Count > 1 && i < same.Count; i++)
            {
                var (entry, others) = (same[i], same.Where((_, other) => other != i).Take(MostNamed).Select(other => other.Where(same[i])));
                var more = same.Count - 1 > MostNamed ? $" and {same.Count - 1 - MostNamed:N0} more" : "";
                errors.TryAdd(entry.Mailbox, new ConfigurationError(path, $"{what} {string.Join(", ", others)}{more}. {advice}"));
            }
        }

        JobDefinition Without(JobDefinition job) =>
            job with
            {
                Mailboxes = [.. job.Mailboxes.Where(mailbox => !errors.ContainsKey(mailbox))],
                InvalidMailboxes =
                [
                    .. job.InvalidMailboxes,
                    .. job
                        .Mailboxes.Where(errors.ContainsKey)
                        .Select(mailbox => new InvalidMailbox(mailbox.Name, mailbox.Place, [errors[mailbox]])),
                ],
            };
    }

    private static bool Allowed(IEnumerable<Entry> same) => same.All(entry => ((MailboxJob)entry.Mailbox.Job).AllowSharedTarget);
}
