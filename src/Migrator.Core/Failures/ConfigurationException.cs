namespace Migrator.Core.Failures;

/// <summary>A job file, or an address on the command line, that cannot be used: every mistake in it at once.</summary>
/// <param name="reason">Of its kind; <see cref="Reason.ConfigurationInvalid"/> where none is given.</param>
public sealed class ConfigurationException(string file, IReadOnlyList<ConfigurationError> errors, Reason? reason = null)
    : MigratorException(reason ?? Reason.ConfigurationInvalid, $"{file}: {errors.Count} error{(errors.Count == 1 ? "" : "s")}")
{
    public string File { get; } = file;

    public IReadOnlyList<ConfigurationError> Errors { get; } = errors;

    public override string Detail => string.Join(' ', Errors.Select(error => $"{File}: {error.Path}: {error.Message}"));
}

/// <param name="Path">Where in the file, such as <c>$.source.port</c>.</param>
/// <param name="Message">What is there and what would be right. Never a secret.</param>
/// <param name="Line">The line it stands on, from 1; for something missing, the line where it would belong. Null where
/// there is no such line, as on a command line.</param>
public sealed record ConfigurationError(string Path, string Message, int? Line = null);
