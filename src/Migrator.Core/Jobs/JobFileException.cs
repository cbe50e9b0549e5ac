namespace Migrator.Core.Jobs;

/// <summary>A job file, or an address on the command line, that cannot be used: every mistake in it at once.</summary>
public sealed class JobFileException(string file, IReadOnlyList<JobFileError> errors)
    : Exception($"{file}: {errors.Count} mistake{(errors.Count == 1 ? "" : "s")}")
{
    public string File { get; } = file;

    public IReadOnlyList<JobFileError> Errors { get; } = errors;
}

/// <param name="Path">Where in the file, such as <c>$.source.port</c>.</param>
/// <param name="Message">What is there and what would be right. Never a secret.</param>
/// <param name="Line">The line it stands on, from 1; for something missing, the line where it would belong. Null where
/// there is no such line, as on a command line.</param>
public sealed record JobFileError(string Path, string Message, int? Line = null)
{
    /// <summary>The reader failed where it should have said what is wrong.</summary>
    public static JobFileError OfFault(Exception exception) => new("$", $"cannot be read, because of a fault in Migrator ({exception.GetType().Name}: {JsonReading.Short(Secrets.Redact(exception.Message))}). Please report it.");
}
