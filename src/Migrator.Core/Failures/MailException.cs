namespace Migrator.Core.Failures;

/// <summary>Something that a server or the network did not do.</summary>
public sealed class MailException(Reason reason, string message, Exception? inner = null) : MigratorException(reason, message, inner)
{
    /// <summary>How long the server asked to be left alone; null where it did not.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
