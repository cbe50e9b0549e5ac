using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Jobs;

namespace Migrator.App.Jobs;

/// <summary>Reads the job files of a directory into a <see cref="JobCatalogue"/>, those again that changed. Not thread-safe.</summary>
/// <param name="directory">Full path.</param>
public sealed partial class JobFiles(string directory, JobCatalogue catalogue, ILogger<JobFiles> logger)
{
    private Dictionary<string, Reading> _readings = [];
    private Dictionary<string, JobDefinition> _inForce = [];
    private (List<JobDefinition> Read, IReadOnlyList<JobDefinition> Sound) _last = ([], []);
    private (IReadOnlyList<JobDefinition> Jobs, IReadOnlyList<BrokenJob> Broken)? _reported;
    private bool _missing;

    public string Directory { get; } = directory;

    /// <summary>Directories in which something may change that the jobs are made of.</summary>
    public IReadOnlyList<string> Watched =>
        [
            .. new[] { Directory }
                .Concat(_readings.Values.SelectMany(reading => reading.Inputs).Select(file => Path.GetDirectoryName(file)!))
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>Looks at all files. Where the directory itself cannot be read, everything stays as it is: a share that is gone for a moment
    /// must not take the jobs along.</summary>
    public void Read()
    {
        if (FilesOf() is not { } files)
            return;
        _readings = files.ToDictionary(file => file, file => Read(file, _readings.GetValueOrDefault(file)), StringComparer.Ordinal);
        var (jobs, broken) = Named(files);
        // What was told by this reader, not what the catalogue holds: it may have been filled by one that tells nobody.
        if (
            _reported is { } reported
            && Same(jobs, reported.Jobs)
            && broken.Count == reported.Broken.Count
            && broken.All(file => reported.Broken.Any(earlier => Same(file, earlier)))
        )
            return;
        Report(jobs, broken, _reported?.Jobs ?? [], _reported?.Broken ?? []);
        _reported = (jobs, broken);
        catalogue.Replace(jobs, broken);
    }

    /// <summary>Reads one file, and its schedule as the service does.</summary>
    /// <param name="root">The directory in which it was found; null for a file that somebody named.</param>
    /// <exception cref="ConfigurationException">Every mistake.</exception>
    public static JobDefinition Load(string file, string? root = null)
    {
        var text = JobFile.ReadText(file, root);
        var job = JobFile.Parse(text, file);
        return ScheduleTimes.Check(job) is { Count: > 0 } errors
            ? throw new ConfigurationException(file, JobFile.Located(text, errors))
            : job;
    }

    private List<string>? FilesOf()
    {
        try
        {
            List<string> files =
            [
                .. System
                    .IO.Directory.EnumerateFileSystemEntries(Directory, "*.json")
                    .Where(file => IsJobFile(Path.GetFileName(file)))
                    .Order(StringComparer.Ordinal),
            ];
            _missing = false;
            return files;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_missing)
                DirectoryUnreadable(Directory, exception.Message);
            _missing = true;
            return null;
        }
    }

    // Nothing that editors leave behind.
    private static bool IsJobFile(string name) =>
        name[0] != '.' && name.EndsWith(".json", StringComparison.Ordinal) && !name.EndsWith(".schema.json", StringComparison.Ordinal);

    private Reading Read(string file, Reading? earlier)
    {
        var inputs = earlier?.Inputs ?? [];
        while (true)
        {
            // Taken before the file is read: whatever changes meanwhile is seen the next time.
            var stamp = StampOf(file, inputs);
            // Why a file is broken may lie in another one that it would have named.
            if (earlier is { Errors: [] } && earlier.Stamp == stamp)
                return earlier;
            var reading = Read(file, stamp);
            if (reading.Errors.Count > 0)
                return reading with { Inputs = inputs };
            if (reading.Inputs.SequenceEqual(inputs))
                return reading;
            (inputs, earlier) = (reading.Inputs, null);
        }
    }

    private Reading Read(string file, string stamp)
    {
        try
        {
            var job = Load(file, Directory);
            return new Reading(stamp, job, [], job.Inputs);
        }
        catch (ConfigurationException exception)
        {
            return new Reading(stamp, null, exception.Errors, []);
        }
        // An edge: whatever one file does to its reader, the others are read.
        catch (Exception exception)
        {
            return new Reading(stamp, null, [JobFile.Fault(exception)], []);
        }
    }

    // By content, which is small: size and time are the same where a file is written twice within a tick of the file system's clock, or put
    // there with the time that it had elsewhere.
    private static string StampOf(string file, IReadOnlyList<string> inputs) =>
        string.Join(
            '\n',
            inputs
                .Prepend(file)
                .Select(path =>
                {
                    try
                    {
                        return $"{path} {Convert.ToHexString(SHA256.HashData(InputFile.ReadAll(path, InputFile.MostOfJobs)))}";
                    }
                    catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                    {
                        return path;
                    }
                })
        );

    /// <summary>By the files alone, not by what they were before: every process on these files must come to the same jobs.</summary>
    private (IReadOnlyList<JobDefinition> Jobs, List<BrokenJob> Broken) Named(List<string> files)
    {
        var claims = files
            .Where(file => _readings[file].Job is not null)
            .SelectMany(file => Names(_readings[file].Job!).Select(name => (Name: name, File: file)))
            .ToLookup(claim => claim.Name, claim => claim.File, StringComparer.Ordinal);
        var jobs = files
            .Select(file => _readings[file].Job)
            .OfType<JobDefinition>()
            .Where(job => Names(job).All(name => claims[name].Count() == 1))
            .ToDictionary(job => job.Name, StringComparer.Ordinal);
        var broken = new List<BrokenJob>();
        foreach (var file in files.Where(file => _readings[file].Job is not { } job || jobs.GetValueOrDefault(job.Name) != job))
        {
            var name = _readings[file].Job?.Name;
            var twice = name is null ? null : Names(_readings[file].Job!).First(claimed => claims[claimed].Count() > 1);
            // Which of two is meant nobody can tell: to run the wrong one may bring mail to the wrong place.
            IReadOnlyList<ConfigurationError> errors = twice is null
                ? _readings[file].Errors
                :
                [
                    new ConfigurationError(
                        "$.name",
                        $"is \"{name}\", {(twice == name ? "and so is" : $"so that its upkeep is \"{twice}\", and so is")} that "
                            + $"of {string.Join(" and ", claims[twice].Where(other => other != file))}: none of them is used. Give "
                            + "each a unique name."
                    ),
                ];
            broken.Add(
                new BrokenJob(file, errors, _inForce.GetValueOrDefault(file) is { } kept && jobs.TryAdd(kept.Name, kept)) { Name = name }
            );
        }
        _inForce = jobs.Values.ToDictionary(job => job.File, StringComparer.Ordinal);
        // The same objects as long as the files are the same: what is not the same has changed.
        if (!_last.Read.SequenceEqual(jobs.Values, ReferenceEqualityComparer.Instance))
            _last = ([.. jobs.Values], UpkeepJobs.With(SharedMailboxes.Refuse([.. jobs.Values])));
        return (_last.Sound, broken);
    }

    private static string[] Names(JobDefinition job) => UpkeepJobs.Of(job) is { } upkeep ? [job.Name, upkeep.Name] : [job.Name];

    private void Report(
        IReadOnlyList<JobDefinition> jobs,
        List<BrokenJob> broken,
        IReadOnlyList<JobDefinition> earlierJobs,
        IReadOnlyList<BrokenJob> earlierBroken
    )
    {
        foreach (var job in jobs.Except(earlierJobs))
        {
            JobRead(job.Name, job.File, job.Mailboxes.Count);
            foreach (var row in job.InvalidMailboxes)
                RowBroken(job.Name, row.Name, row.Place, string.Join(' ', row.Errors.Select(error => $"{error.Path}: {error.Message}")));
        }
        foreach (var name in earlierJobs.Select(job => job.Name).Except(jobs.Select(job => job.Name)))
            JobGone(name);
        foreach (var file in broken.Where(file => !earlierBroken.Any(earlier => Same(file, earlier))))
        foreach (var error in file.Errors)
            FileBroken(
                file.File,
                error.Line,
                error.Path,
                error.Message,
                file.Kept ? "its previous version still applies" : "it defines no job"
            );
    }

    private static bool Same(IReadOnlyList<JobDefinition> jobs, IReadOnlyList<JobDefinition> earlier) =>
        jobs.Count == earlier.Count && !jobs.Except(earlier).Any();

    private static bool Same(BrokenJob file, BrokenJob earlier) =>
        file.File == earlier.File && file.Kept == earlier.Kept && file.Errors.SequenceEqual(earlier.Errors);

    /// <param name="Job">Null where there are errors.</param>
    private sealed record Reading(string Stamp, JobDefinition? Job, IReadOnlyList<ConfigurationError> Errors, IReadOnlyList<string> Inputs);

    [LoggerMessage(2120, LogLevel.Information, "Job {Job} was read from {File}; mailboxes: {Mailboxes}")]
    private partial void JobRead(string job, string file, int mailboxes);

    [LoggerMessage(2121, LogLevel.Information, "Job {Job} was removed: no job file defines it")]
    private partial void JobGone(string job);

    [LoggerMessage(2122, LogLevel.Warning, "{File}, line {Line}: {Path} {Message} As long as the file is broken, {Consequence}")]
    private partial void FileBroken(string file, int? line, string path, string message, string consequence);

    [LoggerMessage(2123, LogLevel.Warning, "Job {Job}: mailbox {Mailbox} cannot be run ({Place}): {What}")]
    private partial void RowBroken(string job, string mailbox, string place, string what);

    [LoggerMessage(2124, LogLevel.Error, "The jobs directory {Directory} cannot be read: {Why} Jobs stay as they were")]
    private partial void DirectoryUnreadable(string directory, string why);
}
