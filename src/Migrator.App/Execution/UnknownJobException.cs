using Migrator.App.Jobs;
using Migrator.Core.Folders;

namespace Migrator.App.Execution;

/// <summary>No job has this name.</summary>
public sealed class UnknownJobException(string job, JobCatalogue catalogue)
    : JobControlException($"No job is named \"{job}\".{Meant(job, catalogue)} {Known(catalogue)}{Unread(job, catalogue)}")
{
    private static string Meant(string job, JobCatalogue catalogue) =>
        Spelling.Closest(job, catalogue.Jobs.Select(known => known.Name)) is { } closest ? $" Did you mean \"{closest}\"?" : "";

    private static string Known(JobCatalogue catalogue) =>
        catalogue.Jobs.Count > 0 ? $"There are: {string.Join(", ", catalogue.Jobs.Select(known => known.Name))}."
        : !catalogue.WasRead ? "There are none: the jobs directory cannot be read (\"migrator jobs list\" says why)."
        : catalogue.Broken.Count == 0 ? "There are none: the jobs directory contains no job file."
        : "There are none.";

    private static string Unread(string job, JobCatalogue catalogue) =>
        catalogue.MayBeOf(job) is not { } broken ? ""
        : broken.Name == job
            ? " Several files define it: "
                + $"{string.Join(", ", catalogue.Broken.Where(file => file.Name == job).Select(file => file.File))}. None of them is "
                + "used until each has a unique name."
        : $" {broken.File} cannot be read, and may define it (\"migrator jobs list\" says what is wrong).";
}
