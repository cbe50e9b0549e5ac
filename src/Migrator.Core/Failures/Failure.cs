using Migrator.Core.Redaction;

namespace Migrator.Core.Failures;

/// <param name="Code">The code of a <see cref="Reason"/>.</param>
/// <param name="Detail">What happened, often in the server's own words.</param>
/// <param name="Hint">What to do.</param>
public sealed record Failure(string Code, string Detail, string Hint)
{
    // All three, so that they keep their order where they are written.
    public string Code { get; init; } = Code;

    // The one place that every failure passes on its way to a report, a store or a message to somebody.
    public string Detail { get; init; } = SecretRedactor.Redact(Detail);

    public string Hint { get; init; } = Hint;

    /// <param name="purpose">What was being done, where the hint depends on it.</param>
    public static Failure Of(MigratorException exception, Purpose? purpose = null) => Of(exception.Reason, exception.Detail, purpose);

    /// <inheritdoc cref="Of(MigratorException, Purpose?)"/>
    public static Failure Of(Reason reason, string detail, Purpose? purpose = null) =>
        new(reason.Code, detail, purpose is { } known ? Hints.Of(reason, known) : reason.Hint);
}
