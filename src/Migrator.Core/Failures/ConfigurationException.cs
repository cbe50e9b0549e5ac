namespace Migrator.Core.Failures;

/// <summary>A job file, or an address on the command line, that cannot be used: every error in it at once.</summary>
/// <param name="reason">Of its kind; <see cref="Reason.ConfigurationInvalid"/> where none is given.</param>
public sealed class ConfigurationException(string file, IReadOnlyList<ConfigurationError> errors, Reason? reason = null)
    : MigratorException(reason ?? Reason.ConfigurationInvalid, $"{file}: {errors.Count} error{(errors.Count == 1 ? "" : "s")}")
{
    public string File { get; } = file;

    public IReadOnlyList<ConfigurationError> Errors { get; } = errors;

    public override string Detail => string.Join(' ', Errors.Select(error => $"{File}: {error.Path}: {error.Message}"));
}
