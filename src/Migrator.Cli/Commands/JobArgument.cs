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
    public static Argument<string> Create() => new("job") { Description = "The job file, such as jobs/migrate-one-mailbox.json, or the name of a job in the jobs directory." };

    /// <exception cref="JobFileException">The file has mistakes.</exception>
    /// <exception cref="UnknownJobException">It is the name of no job.</exception>
    public static JobDefinition Read(string job, Surroundings surroundings)
    {
        if (job.EndsWith(".json", StringComparison.Ordinal) || job.Contains(Path.DirectorySeparatorChar) || File.Exists(job))
            return AsTheServiceKnowsIt(JobFiles.Load(job), surroundings);
        var catalogue = Stores.Jobs(WorkerSettings.Read(surroundings.Settings));
        return catalogue.Find(job) ?? throw new UnknownJobException(job, catalogue);
    }

    /// <summary>A file of the jobs directory is looked at beside the others there: what the service does not run is not run by its path either.</summary>
    private static JobDefinition AsTheServiceKnowsIt(JobDefinition job, Surroundings surroundings)
    {
        var settings = WorkerSettings.Read(surroundings.Settings);
        if (Path.GetDirectoryName(job.File) != settings.Jobs)
            return job;
        var catalogue = Stores.Jobs(settings);
        if (catalogue.Broken.FirstOrDefault(broken => broken.File == job.File) is { } broken)
            throw new JobFileException(job.File, broken.Errors);
        return catalogue.Jobs.FirstOrDefault(known => known.File == job.File) ?? job;
    }
}
