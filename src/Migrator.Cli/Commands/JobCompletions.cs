using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Migrator.App.Commands;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>What a shell can complete from job files: names of jobs, and of their mailboxes. No server and no vault is asked.</summary>
internal static class JobCompletions
{
    /// <summary>Names of the jobs in the jobs directory.</summary>
    public static IEnumerable<string> Jobs(CompletionContext context) =>
        Catalogue(context)?.Jobs.Where(job => !job.IsUpkeep).Select(job => job.Name) ?? [];

    /// <summary>Names of the mailboxes of the job that the command line names.</summary>
    public static IEnumerable<string> Mailboxes(CompletionContext context)
    {
        var job = context
            .ParseResult.CommandResult.Children.OfType<ArgumentResult>()
            .FirstOrDefault(argument => argument.Argument.Name is "job" or "archive");
        if (job is not { Tokens: [var first, ..] })
            return [];
        return Guarded(() => JobArgument.IsFile(first.Value) ? JobFiles.Load(first.Value) : Catalogue(context)?.Find(first.Value))
                ?.Names.Order(StringComparer.Ordinal)
            ?? Enumerable.Empty<string>();
    }

    private static JobCatalogue? Catalogue(CompletionContext context) =>
        Guarded(() => Stores.Jobs(WorkerSettings.Read(GlobalOptions.LocalSettings(context.ParseResult))));

    /// <returns>Null where settings or job file have errors: a shell that completes has no place to show them.</returns>
    private static T? Guarded<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (ConfigurationException)
        {
            return null;
        }
    }
}
