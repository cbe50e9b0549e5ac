using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>What names a job to a command: its file, or its name, as the service knows it.</summary>
internal static class JobArgument
{
    public static Argument<string> Create()
    {
        var job = new Argument<string>("job") { Description = "A job file, or the name of a job in the jobs directory.", HelpName = "JOB" };
        job.CompletionSources.Add(JobCompletions.Jobs);
        return job;
    }

    /// <summary>A job by its name only.</summary>
    public static Argument<string> Named()
    {
        var job = new Argument<string>("job") { Description = "The name of the job.", HelpName = "JOB" };
        job.CompletionSources.Add(JobCompletions.Jobs);
        return job;
    }

    /// <summary>A job by its name; null for all jobs.</summary>
    public static Argument<string?> Optional()
    {
        var job = new Argument<string?>("job")
        {
            Description = "The name of the job. [default: all jobs]",
            HelpName = "JOB",
            Arity = ArgumentArity.ZeroOrOne,
        };
        job.CompletionSources.Add(JobCompletions.Jobs);
        return job;
    }

    /// <summary>Mailboxes of the job.</summary>
    public static Option<string[]> Only()
    {
        var only = new Option<string[]>("--only") { Description = "Only this mailbox of the job (repeatable).", HelpName = "MAILBOX" };
        only.CompletionSources.Add(JobCompletions.Mailboxes);
        return only;
    }

    public static bool IsFile(string text) =>
        text.EndsWith(".json", StringComparison.Ordinal) || text.Contains(Path.DirectorySeparatorChar) || File.Exists(text);

    /// <exception cref="ConfigurationException">The file has errors.</exception>
    /// <exception cref="UnknownJobException">It is the name of no job.</exception>
    public static JobDefinition Read(string job, CommandContext context)
    {
        if (IsFile(job))
            return AsTheServiceKnowsIt(JobFiles.Load(job), context);
        var catalogue = Stores.Jobs(WorkerSettings.Read(context.Settings));
        return catalogue.Find(job) ?? throw new UnknownJobException(job, catalogue);
    }

    /// <summary>A file of the jobs directory is examined beside the others there: what the service does not run is not run by its path
    /// either.</summary>
    private static JobDefinition AsTheServiceKnowsIt(JobDefinition job, CommandContext context)
    {
        var settings = WorkerSettings.Read(context.Settings);
        if (Path.GetDirectoryName(job.File) != settings.Jobs)
            return job;
        var catalogue = Stores.Jobs(settings);
        if (catalogue.Broken.FirstOrDefault(broken => broken.File == job.File) is { } broken)
            throw new ConfigurationException(job.File, broken.Errors);
        return catalogue.Jobs.FirstOrDefault(known => known.File == job.File) ?? job;
    }
}
