using Migrator.App.Commands;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>The mailboxes of a job that a person named.</summary>
internal static class MailboxSelection
{
    /// <returns>Null where none was named.</returns>
    /// <exception cref="ConfigurationException">A name is none of the job's.</exception>
    public static IReadOnlyCollection<string>? Of(Stores stores, string job, IReadOnlyList<string> only) =>
        stores.Catalogue.Find(job) is { } definition ? Of(definition, only) : null;

    /// <inheritdoc cref="Of(Stores, string, IReadOnlyList{string})"/>
    public static IReadOnlyCollection<string>? Of(JobDefinition job, IReadOnlyList<string> only, string option = "--only")
    {
        if (only.Count == 0)
            return null;
        var known = job.Mailboxes.Select(mailbox => mailbox.Name).Concat(job.InvalidMailboxes.Select(row => row.Name)).ToHashSet();
        // A name may have commas in it, too.
        var names = only.SelectMany(text =>
                known.Contains(text) ? [text] : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            )
            .ToHashSet();
        if (names.Count == 0)
            throw new ConfigurationException(job.File, [new ConfigurationError(option, "names no mailbox.")]);
        var unknown = names.Where(name => !known.Contains(name)).ToList();
        return unknown.Count == 0
            ? names
            : throw new ConfigurationException(
                job.File,
                [
                    .. unknown.Select(name => new ConfigurationError(
                        option,
                        $"\"{name}\" is not a mailbox of this job, which has {known.Count:N0}, such as {string.Join(", ", known.Take(5))}."
                    )),
                ]
            );
    }
}
