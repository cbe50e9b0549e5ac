using Migrator.Core.Jobs;

namespace Migrator.Worker.Jobs;

/// <summary>Reads all job files of a directory.</summary>
public static class JobFiles
{
    /// <summary>The job files of a directory: not the schema, and nothing that editors leave behind.</summary>
    public static IReadOnlyList<string> In(string directory) => !Directory.Exists(directory) ? []
        : [.. Directory.EnumerateFiles(directory, "*.json").Where(file => Path.GetFileName(file) is var name && !name.StartsWith('.') && !name.EndsWith(".schema.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <param name="before">What was known before; where a file is broken now, its job stays as it was.</param>
    public static (IReadOnlyList<JobDefinition> Jobs, IReadOnlyList<BrokenJob> Broken) Read(string directory, IReadOnlyList<JobDefinition> before)
    {
        var (jobs, broken) = (new Dictionary<string, JobDefinition>(), new List<BrokenJob>());
        foreach (var file in In(directory))
        {
            try
            {
                var job = JobFile.Read(file);
                if (!jobs.TryAdd(job.Name, job))
                    broken.Add(new BrokenJob(file, [new JobFileError("$.name", $"\"{job.Name}\" is the name of {jobs[job.Name].File} too; give each job a name of its own.")], false));
            }
            catch (JobFileException exception)
            {
                var kept = before.FirstOrDefault(job => job.File == file);
                broken.Add(new BrokenJob(file, exception.Errors, kept is not null && jobs.TryAdd(kept.Name, kept)));
            }
        }
        return ([.. jobs.Values], broken);
    }
}
