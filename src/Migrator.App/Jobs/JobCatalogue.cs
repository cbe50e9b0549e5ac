using Migrator.Core.Jobs;

namespace Migrator.App.Jobs;

/// <summary>The jobs of a directory, as its files say them now. A file that is broken leaves the job as it was before.</summary>
public sealed class JobCatalogue
{
    private volatile IReadOnlyList<JobDefinition> _jobs = [];
    private volatile IReadOnlyList<BrokenJob> _broken = [];
    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>By name.</summary>
    public IReadOnlyList<JobDefinition> Jobs => _jobs;

    /// <summary>Files that cannot be read, and what is wrong with them.</summary>
    public IReadOnlyList<BrokenJob> Broken => _broken;

    /// <summary>Whether the directory was read at all: until then nothing is known of any job.</summary>
    public bool WasRead => Filled.IsCompleted;

    /// <summary>After each change of <see cref="Jobs"/> or <see cref="Broken"/>, on any thread.</summary>
    public event Action? Changed;

    /// <summary>Done when the job files were read for the first time.</summary>
    public Task Filled => _filled.Task;

    public JobDefinition? Find(string name) => _jobs.FirstOrDefault(job => job.Name == name);

    /// <summary>The mailboxes that are wanted of a job: none where it is gone.</summary>
    /// <returns>Null where that is unknown: the directory could not be read, or a file that never could be may be the job's.</returns>
    public IReadOnlySet<string>? Wanted(string job) => Find(job)?.Names ?? (MayBeOf(job) is null && WasRead ? new HashSet<string>() : null);

    /// <summary>A file that never could be read, and may be the job's; that of its name before others.</summary>
    public BrokenJob? MayBeOf(string job) =>
        _broken
            .Where(file => !file.Kept && (file.Name is null || file.Name == job))
            .OrderByDescending(file => (file.Name ?? Path.GetFileNameWithoutExtension(file.File)) == job)
            .FirstOrDefault();

    /// <summary>Replaces all that is known.</summary>
    public void Replace(IReadOnlyList<JobDefinition> jobs, IReadOnlyList<BrokenJob> broken)
    {
        (_jobs, _broken) = ([.. jobs.OrderBy(job => job.Name, StringComparer.Ordinal)], broken);
        _filled.TrySetResult();
        Changed?.Invoke();
    }
}
