using Migrator.App.Commands;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>Finds the archive of the backup job that a command line names.</summary>
internal static class ArchiveOfJob
{
    private const int MostNames = 20;

    /// <returns>Null where the text is a location: a URL, or a path that is written as one.</returns>
    /// <exception cref="ConfigurationException">The job has errors, or no archive.</exception>
    /// <exception cref="JobControlException">A bare word that is not a job.
    /// Taken for a directory, a misspelt name would make an archive that nobody looks for.</exception>
    public static (ArchiveReference Archive, IReadOnlyList<NamedBackup> Mailboxes)? Find(string text, CommandContext context)
    {
        if (File.Exists(text) || (text.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(text) && !IsUrl(text)))
            return Of(JobFile.Read(text), text);
        if (IsUrl(text) || text.AsSpan().ContainsAny(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar) || text is "." or "..")
            return null;
        var catalogue = Stores.Jobs(WorkerSettings.Read(context.Settings));
        return Of(catalogue.Find(text) ?? throw new JobControlException(Unknown(text, catalogue)), text);
    }

    private static (ArchiveReference Archive, IReadOnlyList<NamedBackup> Mailboxes) Of(JobDefinition job, string text)
    {
        if (job.Mailboxes.Count == 0)
        {
            throw new ConfigurationException(
                text,
                [
                    .. job.InvalidMailboxes.SelectMany(row =>
                        row.Errors.Select(error => error with { Message = $"{error.Message} ({row.Place})" })
                    ),
                ]
            );
        }
        List<NamedBackup> jobs =
        [
            .. job
                .Mailboxes.Where(mailbox => mailbox.Job is BackupJob)
                .Select(mailbox => new NamedBackup(mailbox.Name, (BackupJob)mailbox.Job)),
        ];
        if (jobs.Count == 0)
            throw new ConfigurationException(text, [new ConfigurationError("$.kind", "is not \"backup\": this job has no archive.")]);
        var locations = jobs.Select(mailbox => mailbox.Job.Archive.Location).Distinct().ToList();
        return locations.Count == 1
            ? (jobs[0].Job.Archive, jobs)
            : throw new ConfigurationException(
                text,
                [
                    new ConfigurationError(
                        "$.archive.location",
                        "is not the same for all mailboxes "
                            + $"({string.Join(", ", locations.Take(3))}{(locations.Count > 3 ? ", …" : "")}): name the archive "
                            + "itself instead of the job."
                    ),
                ]
            );
    }

    private static bool IsUrl(string text) => text.Contains("://", StringComparison.Ordinal);

    private static string Unknown(string text, JobCatalogue catalogue)
    {
        var known = catalogue.Jobs.Where(job => job.Mailboxes.Any(mailbox => mailbox.Job is BackupJob)).Select(job => job.Name).ToList();
        var meant =
            Directory.Exists(text) ? $" For the directory, write \".{Path.DirectorySeparatorChar}{text}\"."
            : Spelling.Closest(text, known) is { } closest ? $" Did you mean \"{closest}\"?"
            : known.Count > 0 ? $" Backup jobs: {string.Join(", ", known.Take(MostNames))}{(known.Count > MostNames ? ", …" : "")}."
            : " The jobs directory has no backup job.";
        return $"\"{text}\" is neither a job nor a location of an archive.{meant} A location is a path such as ./DIR or /DIR, or a URL.";
    }
}
